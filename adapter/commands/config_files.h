// Every file that the configuration names, read as it will be used: keys of the right type, secrets
// of mode 0600, hashes, certificates. Before the daemon starts, at a reload, and for `check`.
#pragma once

#include "adapter/commands/workplace.h"

namespace consultd::commands {

// load_config, its knowledge, and every file it names; one list of all that is wrong, on stderr.
LoadedConfig load_config_and_files(const std::string& file, AskTerminology ask);

}  // namespace consultd::commands
