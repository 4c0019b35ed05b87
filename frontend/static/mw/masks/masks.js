/** The pages of masks: sliders that follow typed values. */
import { tieSliders } from "../lib/sliders.js";

tieSliders(document);
