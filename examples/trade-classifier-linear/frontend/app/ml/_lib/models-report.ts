/**
 * The API sends the report under a policy of its own, which a page in a frame does not have: here
 * it stands in the page. Links to a place in it stay in it.
 */
const HEAD = `<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:">
<base href="about:srcdoc">
`;

export const framed = (report: string) => HEAD + report;
