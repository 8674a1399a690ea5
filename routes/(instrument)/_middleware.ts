// The pages that operate the instrument: nothing is posted to them from elsewhere.

import { csrf } from "fresh";
import { define, type State } from "../../utils.ts";

export default define.middleware(csrf<State>());
