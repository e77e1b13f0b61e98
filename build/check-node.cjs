// Says what is wrong with this Node in words that the oldest of them understands.

const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js 20.19 or later is needed, this is ${process.version}`);
  process.exit(1);
}
if (major < 22) {
  console.error(`note: Node.js ${process.version} gets no security fixes any more; 24 does`);
}
