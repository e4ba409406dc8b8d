#include "adapter/commands/open_state.h"

#include <algorithm>

#include "adapter/acts.h"

namespace consultd::commands {
namespace {

constexpr Milliseconds patience = std::chrono::minutes(1);  // with a daemon that is at work
constexpr Milliseconds look_again = std::chrono::milliseconds(20);
constexpr std::uint32_t attempts_max = 1;  // no transfer is worked on here

}  // namespace

Result<OpenState> OpenState::open(const config::Config& config, Knowledge knowledge, Log& log) {
    OpenState state;
    state.database_ = database_file(config);
    Result<std::unique_ptr<Workplace>> place =
        Workplace::open(config, std::move(knowledge), log, attempts_max);
    if (place) {
        state.place_ = std::move(*place);
        return state;
    }
    if (place.error().kind() != ErrorKind::Busy) return place.error();
    TRY_ASSIGN(state.visit_, visit(config, *state.random_));
    return state;
}

Result<Transfer> OpenState::find(const std::string& id) {
    TRY_ASSIGN(std::optional<Transfer> found, store().find(id));
    if (!found) return Error(ErrorKind::NotFound, "no transfer has this id");
    return *std::move(found);
}

Status OpenState::write(audit::Act act) {
    act.recorded = clock_.now();
    if (!place_) return ask_owner(act);
    TRY(place_->disclosures().act(act));
    return place_->disclosures().remember_log(place_->store());
}

Status OpenState::take_up() {
    return place_ ? place_->disclosures().take_up(place_->store(), place_->log()) : Status();
}

Status OpenState::ask_owner(const audit::Act& act) {
    const std::string id = crypto::uuid_v4(*random_);
    TRY(visit_.store->ask_to_log({id, audit::act_event(act, id).print()}));
    const Deadline deadline = Deadline::after(clock_, patience);
    for (;;) {
        TRY_ASSIGN(const std::vector<AskedEntry> asked, visit_.store->asked_to_log());
        if (std::ranges::find(asked, id, &AskedEntry::id) == asked.end()) return {};
        if (deadline.passed(clock_))
            return Error(ErrorKind::Busy,
                         "whoever works on this state does not write the audit log; try again");
        clock_.wait_until(clock_.monotonic_now() + look_again, {});
    }
}

audit::Act act_by_shell(audit::Act::What what, const Transfer& transfer,
                        const config::Config& config) {
    return act_by(Actor::shell_user(), what, transfer, config, {});
}

}  // namespace consultd::commands
