import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { InputForm } from "../app/ml/_components/inputs/input-form";

const schema = {
  type: "object",
  kind: "text",
  additionalProperties: false,
  required: ["text"],
  examples: [{ text: "Bend conduit and pull wires through it." }, { text: "Lay bricks." }],
  properties: {
    text: {
      type: "string",
      title: "Text",
      description: "The text to classify; not blank.",
      minLength: 1,
      maxLength: 50,
    },
  },
};

function open(refused = {}) {
  const submit = vi.fn(async () => refused);
  render(<InputForm schema={schema} onSubmit={submit} />);
  return { submit, user: userEvent.setup() };
}

const predict = () => screen.getByRole("button", { name: "Predict" });
const field = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Text" });

test("a text is sent as it was written", async () => {
  const { submit, user } = open();
  await user.type(field(), "Weld beams.{Enter}Grind them.");
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ text: "Weld beams.\nGrind them." });
});

test("the keys send it, too", async () => {
  const { submit, user } = open();
  await user.type(field(), "Weld beams.{Control>}{Enter}{/Control}");
  expect(submit).toHaveBeenCalledExactlyOnceWith({ text: "Weld beams." });
});

test("a blank text is said at its field, and not sent", async () => {
  const { submit, user } = open();
  await user.type(field(), "   ");
  await user.click(predict());
  expect(submit).not.toHaveBeenCalled();
  expect(screen.getByRole("alert").textContent).toBe("Fill this in.");
  expect(document.activeElement).toBe(field());
  await user.type(field(), "Now it is.");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("characters are counted as the schema counts them", async () => {
  const { submit, user } = open();
  await user.click(field());
  await user.paste("🔧".repeat(50));
  expect(screen.getByText("50 of 50 characters")).toBeTruthy();
  await user.click(predict());
  expect(submit).toHaveBeenCalledOnce();
  await user.type(field(), "!");
  await user.click(predict());
  expect(submit).toHaveBeenCalledOnce();
  expect(screen.getByRole("alert").textContent).toBe("At most 50 characters; these are 51.");
});

test("the examples of the schema can be tried, one after another", async () => {
  const { submit, user } = open();
  expect(field().placeholder).toBe("Bend conduit and pull wires through it.");
  await user.click(screen.getByRole("button", { name: "Try an example" }));
  await user.click(screen.getByRole("button", { name: "Try another example" }));
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ text: "Lay bricks." });
});

test("what the server refuses is said at its field", async () => {
  const { user } = open({ text: "It names nobody." });
  await user.type(field(), "Weld beams.");
  await user.click(predict());
  expect((await screen.findByRole("alert")).textContent).toBe("It names nobody.");
  expect(field().getAttribute("aria-invalid")).toBe("true");
});
