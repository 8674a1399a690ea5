import { Content } from "../content.tsx";

export default function Plain() {
  return <Content />;
}
