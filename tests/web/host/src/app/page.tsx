import { greeting } from "~/lib/greeting";

export default function Page() {
  return (
    <main className="mx-auto max-w-2xl p-8">
      <h1 className="border-b-4 text-4xl text-brand">{greeting}</h1>
      <form className="mt-6 grid gap-3 rounded border p-4 shadow">
        <input className="border px-2" defaultValue="A field" aria-label="Field" />
        <button className="bg-brand px-3 py-1 text-white">A button</button>
      </form>
      <table className="mt-6 w-full border">
        <tbody>
          <tr className="divide-x border-b">
            <td>A cell</td>
            <td>Another</td>
          </tr>
        </tbody>
      </table>
      <a href="#">A link</a>
      <hr />
    </main>
  );
}
