// Compiles a description of a binary format with Kaitai Struct's own compiler, and prints the reader that it makes.
//
//     node kaitai.cjs LANGUAGE < description.json

const compiler = require("kaitai-struct-compiler");

const description = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
compiler.compile(process.argv[2], description, null, false).then(
  (files) => console.log(Object.values(files).join("\n")),
  (error) => {
    console.error(String(error));
    process.exitCode = 1;
  },
);
