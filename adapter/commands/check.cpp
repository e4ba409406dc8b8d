// check: reads the config and every file it names, and lists every problem with its path.
#include <sysexits.h>

#include "adapter/commands/commands.h"
#include "adapter/commands/config_files.h"
#include "adapter/commands/report.h"

namespace consultd::commands {

int check(const std::string& config_file) {
    const LoadedConfig loaded = load_config_and_files(config_file, AskTerminology::Later);
    if (!loaded.config) return loaded.exit_code;
    if (const Status fit = check_keys_fit_state(*loaded.config); !fit) {
        tell(config_file + ": /state/keyFile " + loaded.config->state.key_file + ": " +
             fit.error().message());
        return fit.error().kind() == ErrorKind::Config ? EX_CONFIG
                                                       : exit_code_of(fit.error().kind());
    }
    for (const auto& [key, destination] : loaded.config->destinations)
        if (!destination.organization)
            tell("/destinations/" + key +
                 "/organization is not set: a Consent that names its recipient will deny");
    print_result(config_file + ": no problem found\n");
    return EX_OK;
}

}  // namespace consultd::commands
