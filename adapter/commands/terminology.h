// Terminology: the ValueSets that a terminology server must expand, made whole when the knowledge
// is read. What it answered is kept under the state directory with its SHA-256 and used for a day
// without asking; later the server is asked again, and where it does not answer, what is kept
// holds.
#pragma once

#include "adapter/knowledge/knowledge.h"

namespace consultd::commands {

enum class AskTerminology {
    Yes,   // whoever begins to work
    No,    // what was kept, whatever its age; a problem where nothing was
    Later  // the same, and no problem: what is not kept is left out
};

// Outlives nothing: the configuration must.
CompleteTexts expanding(const config::Config& config, AskTerminology ask);

}  // namespace consultd::commands
