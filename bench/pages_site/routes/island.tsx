import { Content } from "../content.tsx";
import Counter from "../islands/Counter.tsx";

export default function Island() {
  return (
    <>
      <Content />
      <Counter start={3} />
    </>
  );
}
