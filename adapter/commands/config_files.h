// Every file that the configuration names, read as it will be used: keys of the right type, secrets
// of mode 0600, hashes, certificates. Before the daemon starts, at a reload, and for `check`.
#pragma once

#include "config/config.h"

namespace consultd::commands {

// Tells each problem on stderr with its path in the configuration; how many there are.
int check_config_files(const config::Config& config);

}  // namespace consultd::commands
