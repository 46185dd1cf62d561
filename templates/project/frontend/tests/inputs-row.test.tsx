import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { InputForm } from "../app/ml/_components/inputs/input-form";

const schema = {
  type: "object",
  kind: "row",
  required: ["area", "rooms", "heating", "has_garage", "built_on", "energy"],
  $defs: { Heating: { enum: ["gas", "oil", "heat pump"], type: "string" } },
  properties: {
    area: { type: "number", title: "Area", exclusiveMinimum: 0, description: "In square metres." },
    rooms: { type: "integer", title: "Rooms", minimum: 1, maximum: 40 },
    heating: { $ref: "#/$defs/Heating" },
    has_garage: { type: "boolean", title: "Has Garage" },
    built_on: { type: "string", format: "date", title: "Built On" },
    energy: { anyOf: [{ type: "number" }, { type: "null" }], title: "Energy use" },
    district: { type: "string", default: "unknown", maxLength: 20 },
    floors: { type: "array", items: { type: "integer", minimum: 0 }, default: [] },
    extras: { type: "object", additionalProperties: true, default: {} },
  },
};

function open(given: Record<string, unknown> = schema) {
  const submit = vi.fn(async () => ({}));
  render(<InputForm schema={given} onSubmit={submit} />);
  return { submit, user: userEvent.setup() };
}

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(new RegExp(`^${name}`));
const predict = () => screen.getByRole("button", { name: "Predict" });
const faultOf = (name: string) =>
  document.getElementById(`${field(name).id}-error`)?.textContent ?? null;

test("each property is asked by its type, and sent as that", async () => {
  const { submit, user } = open();
  await user.type(field("Area"), "82.5");
  await user.type(field("Rooms"), "4");
  await user.selectOptions(field("Heating"), "heat pump");
  await user.selectOptions(field("Has garage"), "no");
  await user.type(field("Built on"), "1994-05-01");
  await user.type(field("Floors"), "0{Enter}1{Enter}");
  await user.click(field("Extras"));
  await user.paste('{"sauna": true}');
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({
    area: 82.5,
    rooms: 4,
    heating: "heat pump",
    has_garage: false,
    built_on: "1994-05-01",
    energy: null,
    floors: [0, 1],
    extras: { sauna: true },
  });
});

test("whatever is missing or wrong is said at its field", async () => {
  const { submit, user } = open();
  await user.type(field("Area"), "82,5");
  await user.type(field("Rooms"), "4.5");
  await user.type(field("Energy use"), "much");
  await user.type(field("District"), "a name that is longer than it may be");
  await user.type(field("Floors"), "0{Enter}-1");
  await user.click(field("Extras"));
  await user.paste("{sauna}");
  await user.click(predict());
  expect(submit).not.toHaveBeenCalled();
  expect(faultOf("Area")).toBe("Write 82.5, with a point.");
  expect(faultOf("Rooms")).toBe("Write a whole number.");
  expect(faultOf("Heating")).toBe("Choose one.");
  expect(faultOf("Has garage")).toBe("Choose one.");
  expect(faultOf("Built on")).toBe("Fill this in.");
  expect(faultOf("Energy use")).toBe("Write a number, such as 3.5.");
  expect(faultOf("District")).toBe("At most 20 characters; these are 36.");
  expect(faultOf("Floors")).toBe("Number 2: Write at least 0.");
  expect(faultOf("Extras")).toBe('Write JSON, such as {"a": 1}.');
  expect(document.activeElement).toBe(field("Area"));
});

test.each([
  ["0", "Write more than 0."],
  ["-3", "Write more than 0."],
  ["1e999", "Write a number, such as 3.5."],
])("an area of %s is refused", async (written, fault) => {
  const { user } = open();
  await user.type(field("Area"), written);
  await user.click(predict());
  expect(faultOf("Area")).toBe(fault);
});

test("the limits of a number stand beside it", () => {
  open();
  expect(screen.getByText("1 to 40.")).toBeTruthy();
});

test("a kind that nobody knows is asked field by field", async () => {
  const { submit, user } = open({
    kind: "molecule",
    required: ["atoms"],
    properties: { atoms: { type: "array", items: { type: "object" } } },
  });
  await user.click(field("Atoms"));
  await user.paste('{"C": 1}');
  await user.click(predict());
  expect(faultOf("Atoms")).toBe('Write a list, such as ["a", "b"].');
  await user.clear(field("Atoms"));
  await user.paste('[{"C": 1}]');
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ atoms: [{ C: 1 }] });
});
