// Colours, movements and titles: the escape sequences of ECMA-48, and those of xterm that end in BEL.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What a terminal would show: a line that is written over, as a progress bar is, stands once. */
export function terminalText(output: string): string {
  return output.replace(ESCAPES, "").replaceAll("\r\n", "\n").split("\n").map(lastState).join("\n");
}

/** The last lines of a text, and whether there are more before. */
export function lastLines(text: string, limit: number): { text: string; isAll: boolean } {
  const lines = text.trimEnd().split("\n");
  return { text: lines.slice(-limit).join("\n"), isAll: lines.length <= limit };
}

function lastState(line: string): string {
  return line
    .split("\r")
    .reduce((shown, written) => written + shown.slice(written.length))
    .trimEnd();
}
