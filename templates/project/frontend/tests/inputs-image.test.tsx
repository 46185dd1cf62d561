import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { InputForm } from "../app/ml/_components/inputs/input-form";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const schema = {
  type: "object",
  kind: "image",
  required: ["picture"],
  properties: {
    caption: { type: "string", default: "" },
    picture: {
      type: "string",
      contentEncoding: "base64",
      contentMediaType: "image/png",
      maxLength: 400,
    },
  },
};

function open(given: Record<string, unknown> = schema) {
  const submit = vi.fn(async () => ({}));
  render(<InputForm schema={given} onSubmit={submit} />);
  return { submit, user: userEvent.setup({ applyAccept: false }) };
}

const png = (content = PIXEL, name = "weld.png", type = "image/png") =>
  new File([Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0))], name, { type });
const chooser = () => screen.getByLabelText<HTMLInputElement>(/^Picture/);
const predict = () => screen.getByRole("button", { name: "Predict" });

test("a picture goes as base64 into the property that says so", async () => {
  const { submit, user } = open();
  expect(chooser().accept).toBe("image/png");
  await user.upload(chooser(), png());
  const preview = await screen.findByRole<HTMLImageElement>("img", { name: "The chosen picture" });
  expect(preview.src).toBe(`data:image/png;base64,${PIXEL}`);
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ picture: PIXEL });
});

test("where none says so, it goes as a data URL into the first text", async () => {
  const { submit, user } = open({
    kind: "image",
    required: ["picture"],
    properties: { size: { type: "integer", default: 1 }, picture: { type: "string" } },
  });
  await user.upload(chooser(), png());
  await screen.findByRole("img", { name: "The chosen picture" });
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ picture: `data:image/png;base64,${PIXEL}` });
});

test("a picture can be dropped", async () => {
  const { submit, user } = open();
  fireEvent.drop(screen.getByText("Choose a picture, or drop one here"), {
    dataTransfer: { files: [png()] },
  });
  await screen.findByRole("img", { name: "The chosen picture" });
  await user.type(screen.getByLabelText(/^Caption/), "A seam.");
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ picture: PIXEL, caption: "A seam." });
});

test.each([
  [png(PIXEL, "notes.txt", "text/plain"), '"notes.txt" is no picture of the type image/png.'],
  [png(PIXEL, "weld.jpg", "image/jpeg"), '"weld.jpg" is no picture of the type image/png.'],
  [png(btoa("x".repeat(301))), '"weld.png" has 301 B; at most 300 B are taken.'],
])("a file that is none for it is refused", async (file, fault) => {
  const { submit, user } = open();
  await user.upload(chooser(), file);
  expect((await screen.findByRole("alert")).textContent).toBe(fault);
  await user.click(predict());
  expect(submit).not.toHaveBeenCalled();
});

test("no picture at all is said", async () => {
  const { submit, user } = open();
  await user.click(predict());
  expect(screen.getByRole("alert").textContent).toBe("Fill this in.");
  expect(submit).not.toHaveBeenCalled();
});
