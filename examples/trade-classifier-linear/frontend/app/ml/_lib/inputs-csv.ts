/** CSV as the backend reads it: comma, semicolon or tab, with texts between double quotes. */

const DELIMITERS = [",", ";", "\t"];

/** Whichever of them splits the first line into the most cells. */
export function delimiterOf(text: string): string {
  const line = text.trimStart().split("\n", 1)[0] ?? "";
  const widths = DELIMITERS.map((mark) => parseCsv(line, mark)[0]?.length ?? 0);
  return DELIMITERS[widths.indexOf(Math.max(...widths))] ?? ",";
}

/** Rows of cells, without empty lines. */
export function parseCsv(text: string, delimiter = delimiterOf(text)): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || cell) rows.push(row);
    [row, cell] = [[], ""];
  };
  const clean = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  for (let at = 0; at < clean.length; at++) {
    const mark = clean.charAt(at);
    if (isQuoted) {
      if (mark !== '"') cell += mark;
      else if (clean[at + 1] === '"') cell += clean[++at];
      else isQuoted = false;
    } else if (mark === '"' && !cell) isQuoted = true;
    else if (mark === delimiter) [row, cell] = [[...row, cell], ""];
    else if (mark === "\n") endRow();
    else cell += mark;
  }
  endRow();
  return rows;
}
