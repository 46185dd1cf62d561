"use client";

/** In the place of a page that broke, which its own components may have done: it needs none. */
export default function ErrorPage() {
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 px-4 text-center">
      <h1 className="text-xl font-semibold">This page broke</h1>
      <p className="text-sm text-muted-foreground">
        It may be of an older release. What was saved is not lost.
      </p>
      <button
        type="button"
        className="cursor-pointer rounded-md bg-primary px-4 py-2 text-sm font-medium text-primary-foreground"
        onClick={() => window.location.reload()}
      >
        Load it again
      </button>
    </main>
  );
}
