import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "../app/ml/_api/client.gen";
import { download, filenameOf, lastPartOf } from "../app/ml/_lib/download";

describe("the name of a file", () => {
  it("is what the answer says", () => {
    expect(filenameOf('attachment; filename="trades-1.tar"')).toBe("trades-1.tar");
    expect(filenameOf("attachment; filename=a.csv")).toBe("a.csv");
    expect(filenameOf("attachment; filename=\"x.csv\"; filename*=UTF-8''gr%C3%BC%C3%9Fe.csv")).toBe(
      "grüße.csv",
    );
    expect(filenameOf('attachment; filename="../../etc/passwd"')).toBe(".._.._etc_passwd");
    expect(filenameOf("attachment; filename*=UTF-8''%")).toBeUndefined();
    expect(filenameOf(null)).toBeUndefined();
  });

  it("is the end of the path otherwise", () => {
    expect(lastPartOf("/ml/jobs/1/log?after=2")).toBe("log");
    expect(lastPartOf("/")).toBe("download");
  });
});

describe("a download", () => {
  const saved: string[] = [];
  const fetch = vi.fn<typeof globalThis.fetch>();

  beforeEach(() => {
    saved.length = 0;
    client.setConfig({ baseUrl: "http://localhost/api", auth: () => "token", fetch });
    URL.createObjectURL = () => "blob:it";
    URL.revokeObjectURL = () => undefined;
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push(this.download);
    });
  });
  afterEach(() => client.setConfig({ fetch: undefined }));

  it("carries the token", async () => {
    fetch.mockResolvedValue(
      new Response("1", { headers: { "content-disposition": 'attachment; filename="a.tar"' } }),
    );
    await download("/ml/models/a/versions/1/artifact");
    const request = fetch.mock.lastCall?.[0];
    if (!(request instanceof Request)) throw new Error("It was not asked for.");
    expect(request.url).toBe("http://localhost/api/ml/models/a/versions/1/artifact");
    expect(request.headers.get("authorization")).toBe("Bearer token");
    expect(saved).toEqual(["a.tar"]);
  });

  it("has the name that it is given", async () => {
    fetch.mockResolvedValue(new Response("1"));
    await download("/ml/jobs/1/log", "job.log");
    expect(saved).toEqual(["job.log"]);
  });

  it("throws the problem, and saves nothing", async () => {
    const problem = { status: 404, detail: "No job 1." };
    fetch.mockResolvedValue(Response.json(problem, { status: 404 }));
    await expect(download("/ml/jobs/1/log")).rejects.toEqual(problem);
    expect(saved).toEqual([]);
  });

  it("throws where the connection breaks off in the middle", async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([1]));
        controller.error(new TypeError("network error"));
      },
    });
    fetch.mockResolvedValue(new Response(broken));
    await expect(download("/ml/jobs/1/log")).rejects.toBeInstanceOf(TypeError);
    expect(saved).toEqual([]);
  });
});
