// Stands in for a package that `debug` asks for and does without: in the bundle it would come from a tool
// that happens to be installed, and be in no bill of materials.

module.exports = false;
