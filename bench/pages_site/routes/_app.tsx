import type { ComponentType } from "preact";

export default function Wrapper({ Component }: { Component: ComponentType }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>bench</title>
      </head>
      <body>
        <Component />
      </body>
    </html>
  );
}
