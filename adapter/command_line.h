// The command line as words: each command with its options, and which of them was chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace consultd {

// What the chosen command will do, once the arguments are read.
using Chosen = std::function<int()>;

void add_commands(CLI::App& app, Chosen& chosen);

}  // namespace consultd
