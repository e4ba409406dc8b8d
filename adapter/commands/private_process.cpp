#include "adapter/commands/private_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstring>
#include <string_view>

namespace consultd::commands {
namespace {

void blot_out(char* text) { std::memset(text, 'x', std::strlen(text)); }

}  // namespace

void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef CONSULTD_SANITIZED  // LeakSanitizer attaches to the process that it looks at
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void hide_patient_arguments(int argc, char** argv) {
    for (const std::string_view option : {"--patient", "--question"})
        for (int i = 1; i < argc; ++i) {
            const std::string_view argument(argv[i]);
            if (argument == option && i + 1 < argc)
                blot_out(argv[i + 1]);
            else if (argument.starts_with(option) && argument.substr(option.size(), 1) == "=")
                blot_out(argv[i] + option.size() + 1);
        }
}

}  // namespace consultd::commands
