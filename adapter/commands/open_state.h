// OpenState: the state as a command finds it that reads or decides: its own for as long as it runs,
// or a daemon's, beside which it is a visitor. Either way it can have an act written into the audit
// log before it does it.
#pragma once

#include <memory>
#include <optional>

#include "adapter/audit/act.h"
#include "adapter/commands/workplace.h"

namespace consultd::commands {

class OpenState {
public:
    // Errors as Workplace::open() and visit() have them.
    static Result<OpenState> open(const config::Config& config, Knowledge knowledge, Log& log);

    Store& store() { return place_ ? place_->store() : *visit_.store; }
    const crypto::Sealer& sealer() const { return place_ ? place_->sealer() : *visit_.sealer; }
    Clock& clock() { return clock_; }
    Random& random() { return *random_; }
    // NotFound: there is no such transfer.
    Result<Transfer> find(const std::string& id);
    PartReader parts_of(const Transfer& transfer) {
        return PartReader(store(), sealer(), transfer.id);
    }

    // In the log when it returns, at our time. Busy: who has the log does not write it down; then
    // it may still come to be there, and nothing may be done.
    Status write(audit::Act act);
    // What was asked to be logged in the commit of what was done is in the log; a daemon that has
    // the state sees to it by itself.
    Status take_up();

private:
    Status ask_owner(const audit::Act& act);

    std::string database_;
    SystemClock clock_;
    std::unique_ptr<SystemRandom> random_ = std::make_unique<SystemRandom>();
    std::unique_ptr<Workplace> place_;  // absent: a daemon has it
    Visit visit_;
};

// What an act says of a transfer, by whoever sits at this shell.
audit::Act act_by_shell(audit::Act::What what, const Transfer& transfer,
                        const config::Config& config);

}  // namespace consultd::commands
