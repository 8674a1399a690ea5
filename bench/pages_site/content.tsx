/** What both pages show besides the island: a table of the size of a dashboard. */
const rows = Array.from({ length: 20 }, (_, i) => ({ channel: i + 1, powerDbm: -3.456 - i }));

export function Content() {
  return (
    <table>
      <tbody>
        {rows.map(({ channel, powerDbm }) => (
          <tr key={channel}>
            <th scope="row">channel {channel}</th>
            <td class="power">{powerDbm.toFixed(3)} dBm</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
