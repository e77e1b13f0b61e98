// Stands in for iconv-lite in the bundle. express brings body-parser, which brings 300 KiB of
// encoding tables; Asteroid reads its own bodies, and only as UTF-8.

const KNOWN = new Set(['utf8', 'utf-8']);

const check = (encoding) => {
  if (!KNOWN.has(encoding.toLowerCase())) throw new Error(`encoding not supported: ${encoding}`);
};

exports.encodingExists = (encoding) => KNOWN.has(encoding.toLowerCase());

exports.decode = (bytes, encoding) => {
  check(encoding);
  return new TextDecoder().decode(bytes);
};

exports.getDecoder = (encoding) => {
  check(encoding);
  const decoder = new TextDecoder();
  return {
    write: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
};
