#include "tests/simulation/world.h"

#include <algorithm>

#include "tests/simulation/promises.h"

namespace consultd::simulation {
namespace {

constexpr std::size_t overlapping_max = 3;
constexpr std::uint64_t rounds_max_for_each = 2000;  // of the loop, for each transfer
constexpr Milliseconds keeping_every = std::chrono::minutes(10);
constexpr Milliseconds beat_every = Worker::lease_span / 4;
constexpr std::uint64_t calm_once_in = 8;  // worlds in which nothing goes wrong

// Requests within which the product may hold a lock that another step waits for.
bool may_be_waited_for(const fhir::HttpRequest& request) {
    const std::string& path = request.url.path();
    return path.ends_with("/metadata") || path.ends_with("/token") ||
           path.find("/.well-known/") != std::string::npos;
}

}  // namespace

World::World(std::uint64_t seed, std::size_t transfers, bool is_aloud)
    : chance_(seed),
      transfers_(transfers),
      history_(is_aloud),
      random_(chance_.next()),
      weather_(chance_, chance_.once_in(calm_once_in)),
      disk_(chance_, [this] { return fate_of_write(); }),
      network_(clock_, chance_, weather_, history_,
               {.packet_leaves =
                    [this](const std::string& transfer, const std::string& body, Institution& to) {
                        check_what_leaves(*this, asked_[transfer], transfer, body, to);
                    },
                .packet_stored = [this](const std::string& transfer,
                                        Institution& there) { consult(transfer, there); },
                .packet_refused =
                    [this](const std::string& transfer) {
                        if (const auto found = asked_.find(transfer); found != asked_.end())
                            found->second.was_refused = true;
                    },
                .packet_claimed =
                    [this](const std::string& transfer) { asked_[transfer].was_claimed = true; },
                .meanwhile = [this](const fhir::HttpRequest& request) { meanwhile(request); }}),
      daemon_({.tables = tables_,
               .fates = {[this] { return fate_of_commit(); }, [] { throw Died(); }},
               .disk = disk_,
               .clock = clock_,
               .network = network_,
               .random = random_,
               .history = history_,
               .crash_point = [this](std::string_view point) { at_crash_point(point); }}) {
    clock_.set_heartbeat(beat_every, [this] { beat(); });
}
World::~World() = default;

void World::run() {
    make_institutions();
    make_wishes();
    plan_persons();
    while (!is_over()) {
        if (++rounds_ > rounds_max_for_each * transfers_)
            history_.violated("nothing stuck", "it goes round in circles");
        live();
    }
    check_the_end(*this);
    // What a second run is compared by: every byte of our log, and all that lies there.
    std::string bytes = disk_.bytes();
    for (const auto& [key, institution] : institutions_) bytes += institution->bytes();
    history_.tell(clock_.elapsed_ms(), "the end " + crypto::hex(crypto::sha256(bytes)));
}

void World::live() {
    try {
        if (!daemon_.is_running() && !start()) return;
        go_on();
        check_what_ended(*this, asked_);
    } catch (const Died&) {
        end_life(power_was_cut_);
    }
}

bool World::start() {
    const Status started = daemon_.start(config_);
    if (started) {
        history_.tell(clock_.elapsed_ms(), "the daemon runs");
        adopt_orphans();
        return true;
    }
    const ErrorKind kind = started.error().kind();
    if (kind != ErrorKind::Storage && kind != ErrorKind::Busy)
        history_.violated("nothing unaudited",
                          "the daemon does not start: " + started.error().message());
    end_life(chance_.once_in(2));
    return false;
}

void World::end_life(bool power_cut) {
    history_.tell(clock_.elapsed_ms(), power_cut ? "the power is cut" : "the daemon is gone");
    ++deaths_;
    daemon_.die();
    steps_.clear();
    if (power_cut) disk_.cut_power();
    if (copy_ && weather_.strikes(Fault::Restored)) put_back();
    is_stopping_ = power_was_cut_ = false;
    clock_.set_beating(true);
    clock_.advance(Milliseconds(chance_.between(100, 30'000)));
}

// What the daemon's threads do until there is nothing to do for now.
void World::go_on() {
    if (is_stopping_) return end_life(chance_.once_in(3));
    if (clock_.monotonic_now() >= next_keeping_) {
        next_keeping_ = clock_.monotonic_now() + keeping_every;
        if (const Status kept = daemon_.keep_house(); !kept) return stop_for(kept.error());
    }
    if (work_once()) return;
    const Result<std::optional<Instant>> due = daemon_.store().next_due();
    Milliseconds span = clock_.until_next();
    if (due && *due) span = std::min(span, **due - daemon_.time_of_waits());
    // What is due and may not be taken yet is looked at again after a while, as workers do.
    clock_.advance(span > Milliseconds(0) ? span : Worker::busy_wait);
}

// True: there was work.
bool World::work_once() {
    const std::string owner = "w" + std::to_string(++last_owner_);
    steps_.push_back({owner, {}});
    const Result<bool> worked = daemon_.step(owner, steps_.back().stop.get_token());
    steps_.pop_back();
    if (worked) return *worked;
    stop_for(worked.error());
    return false;
}

// A failed write is final: nothing more leaves this process. One that found no room is made again
// when there is some.
void World::stop_for(const Error& error) {
    history_.tell(clock_.elapsed_ms(), "error " + error.message());
    if (is_no_room(error)) return clock_.advance(std::chrono::minutes(1));
    if (error.kind() != ErrorKind::Storage) return;
    is_stopping_ = true;
    for (Step& step : steps_) step.stop.request_stop();
}

// What the worker's heartbeat does for each step that is going on.
void World::beat() {
    for (Step& step : steps_) {
        const auto held = std::find_if(tables_.rows.begin(), tables_.rows.end(), [&](auto& row) {
            return row.second.lease_owner == step.owner;
        });
        if (held == tables_.rows.end())
            step.stop.request_stop();
        else
            held->second.lease_until = clock_.now() + Worker::lease_span;
    }
}

void World::meanwhile(const fhir::HttpRequest& request) {
    if (weather_.strikes(Fault::DiesOnTheRoad)) {
        power_was_cut_ = chance_.once_in(3);
        throw Died();
    }
    if (weather_.strikes(Fault::WallJumps)) {
        constexpr std::int64_t most = 7'200'000;
        const Milliseconds by(chance_.between(-most, most));
        history_.tell(clock_.elapsed_ms(), "the clock jumps by " + std::to_string(by.count()));
        clock_.jump(by);
    }
    const bool may_overlap =
        steps_.size() < overlapping_max && !is_stopping_ && !may_be_waited_for(request);
    if (weather_.strikes(Fault::Stands)) {
        history_.tell(clock_.elapsed_ms(), "the process stands still");
        clock_.set_beating(false);
        clock_.advance(Milliseconds(chance_.between(1'000, 600'000)));
        if (may_overlap) work_once();
        clock_.set_beating(true);
    }
    if (may_overlap && weather_.strikes(Fault::StepsOverlap)) {
        history_.tell(clock_.elapsed_ms(), "meanwhile {");
        work_once();
        history_.tell(clock_.elapsed_ms(), "}");
    }
}

WriteFate World::fate_of_write() {
    if (weather_.strikes(Fault::PowerCut)) {
        power_was_cut_ = chance_.once_in(2);
        constexpr WriteFate fates[] = {WriteFate::DiesBefore, WriteFate::DiesAmid,
                                       WriteFate::DiesAfter};
        return chance_.one_of(fates);
    }
    if (is_disk_full()) return WriteFate::NoRoom;
    if (weather_.strikes(Fault::DiskFails))
        return chance_.once_in(2) ? WriteFate::FailsUndone : WriteFate::FailsDone;
    return WriteFate::Done;
}

bool World::is_disk_full() {
    if (weather_.strikes(Fault::DiskFull)) {
        history_.tell(clock_.elapsed_ms(), "the disk is full");
        full_until_ = clock_.monotonic_now() + Milliseconds(chance_.between(1'000, 7'200'000));
    }
    return !weather_.is_calm() && clock_.monotonic_now() < full_until_;
}

CommitFate World::fate_of_commit() {
    if (weather_.strikes(Fault::PowerCut)) {
        power_was_cut_ = chance_.once_in(2);
        return chance_.once_in(2) ? CommitFate::DiesBefore : CommitFate::DiesAfter;
    }
    if (is_disk_full()) return CommitFate::NoRoom;
    if (weather_.strikes(Fault::DiskFails))
        return chance_.once_in(2) ? CommitFate::FailsUndone : CommitFate::FailsDone;
    if (weather_.strikes(Fault::StoreBusy)) return CommitFate::Busy;
    return CommitFate::Done;
}

void World::at_crash_point(std::string_view point) {
    if (!weather_.strikes(Fault::DiesAtPoint)) return;
    history_.tell(clock_.elapsed_ms(), "dies at " + std::string(point));
    power_was_cut_ = chance_.once_in(2);
    throw Died();
}

}  // namespace consultd::simulation
