// Verdict: what an error in a transfer means for it, and for whoever waits at a terminal. One
// table.
#pragma once

#include "adapter/transfer.h"

namespace consultd {

struct Verdict {
    ErrorKind kind;
    bool try_again;       // by itself, later; after too many times it becomes `state`
    TransferState state;  // before anything has left us
    StaticText reason;    // what status and the console say
    int exit_code;        // sysexits.h
};

const Verdict& verdict_of(ErrorKind kind);
// The exit code for a transfer that stands still with this reason.
int exit_code_of(std::string_view reason);

}  // namespace consultd
