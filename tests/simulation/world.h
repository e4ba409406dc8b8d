// World: one simulated history from one seed: two sources, two destinations, a daemon between them,
// persons who ask, cancel, try again and change the configuration, and the weather. It runs until
// everything that was asked for has come to its end, and is checked against the promises all along.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.h"
#include "tests/simulation/daemon.h"
#include "tests/simulation/records.h"

namespace consultd::simulation {

// What a person wants, once.
struct Wish {
    std::size_t patient = 0;
    Sharing sharing = Sharing::All;
    Milliseconds after{};  // from the beginning, until it is asked for
    Instant until{};       // of an EndsSoon
    std::string source, destination;
    fhir::Json consent;
    std::string question;
    bool is_placed = false;       // the daemon has said that it will be done
    bool is_asked_again = false;  // whoever asked knows of no transfer, as the state was lost
};

// What became of it: as everybody but the daemon saw it.
struct Asked {
    std::size_t wish = 0;
    std::size_t packets = 0;              // that began to leave us
    std::size_t stored = 0;               // by the destination, as it answered
    bool was_withdrawn = false;           // a cancel was taken before anything had begun to leave
    bool is_consulted = false;            // somebody will say something about it
    std::string document_hash, document;  // of the document that left
    std::string packet_hash;              // of the request that left, where it is all of it
    Words sent;                           // that are in it
    bool went_in_parts = false;           // one by one, as one refusal of the whole leads to
    bool was_refused = false;             // a request with a part of it, or all
    bool was_claimed = false;             // somebody said that they have it, and have not
    bool was_put_back = false;            // its state is from an older copy
    std::optional<TransferState> checked;
};

class World {
public:
    World(std::uint64_t seed, std::size_t transfers, bool is_aloud);
    ~World();

    // Violation: thrown, when a promise is broken.
    void run();

    History& history() { return history_; }
    const std::map<std::string, Asked>& asked() const { return asked_; }
    const Wish& wish_of(const Asked& asked) const { return wishes_[asked.wish]; }
    const MadePatient& patient_of(const Asked& asked) const {
        return patients_[wish_of(asked).patient];
    }
    Institution& destination_of(const Asked& asked) {
        return *institutions_.at(wish_of(asked).destination);
    }
    Tables& tables() { return tables_; }
    const Disk& disk() const { return disk_; }
    const SimClock& clock() const { return clock_; }
    const Weather& weather() const { return weather_; }
    const crypto::Sealer& sealer() const { return daemon_.sealer(); }
    std::uint64_t deaths() const { return deaths_; }
    std::uint64_t exchanges() const { return network_.exchanges(); }

private:
    struct Step {
        std::string owner;
        std::stop_source stop;
    };

    // world.cpp: the daemon's lives
    void live();
    bool start();
    void end_life(bool power_cut);
    void go_on();
    bool work_once();
    void stop_for(const Error& error);
    void beat();
    void meanwhile(const fhir::HttpRequest& request);
    bool is_disk_full();
    WriteFate fate_of_write();
    CommitFate fate_of_commit();
    void at_crash_point(std::string_view point);
    bool is_over() const;
    void become_calm();

    // persons.cpp
    void make_institutions();
    void make_wishes();
    void place(std::size_t wish);
    void adopt_orphans();
    void consult(const std::string& transfer, Institution& there);
    void back_up();
    void put_back();
    void cancel_some();
    void retry_some();
    void change_configuration();
    void plan_persons();
    void later(Milliseconds from_now, void (World::*act)());

    Chance chance_;
    const std::size_t transfers_;
    History history_;
    SimClock clock_;
    testing::SeededRandom random_;
    Weather weather_;
    Tables tables_;
    std::optional<Tables> copy_;  // of the state, as an operator keeps it
    Disk disk_;
    Network network_;
    Daemon daemon_;
    config::Config config_, whole_config_;
    std::map<std::string, std::unique_ptr<Institution>> institutions_;  // by their key
    std::vector<MadePatient> patients_;
    std::vector<Wish> wishes_;
    std::map<std::string, Asked> asked_;
    std::optional<std::size_t> placing_;  // a wish whose answer has not come
    std::vector<Step> steps_;             // that are going on, each within the one before
    std::uint64_t last_owner_ = 0, deaths_ = 0, rounds_ = 0;
    bool is_stopping_ = false, power_was_cut_ = false;
    MonotonicTime next_keeping_{}, full_until_{};
};

}  // namespace consultd::simulation
