// Institution: a source or a destination in memory: the sandbox without its sockets. What a
// destination holds is the truth that the promises are checked against. A destination has habits of
// receivers as they were seen to be (samples/sandbox/habits.h), chosen by the seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fhir/client/http.h"
#include "samples/sandbox/sandbox.h"
#include "tests/simulation/history.h"
#include "tests/simulation/sim_clock.h"
#include "tests/support/seeded_random.h"

namespace consultd::simulation {

enum class Role { Source, Destination };

class Institution {
public:
    Institution(Role role, std::string host, Chance& chance, const SimClock& clock);

    Role role() const { return role_; }
    const std::string& host() const { return host_; }
    std::string base() const { return "https://" + host_ + "/fhir"; }
    // The Authorization that is good here and nowhere else.
    std::string authorization() const { return "Bearer token-of-" + host_; }
    sandbox::Store& store() { return sandbox_.store(); }
    // A repeated request adds nothing here: it honours conditions, or takes our ids.
    bool adds_nothing_twice() const { return honours_conditions_ || takes_our_ids_; }

    // Not even a Binary, which carries no condition.
    bool takes_our_ids() const { return takes_our_ids_; }

    // A condition sees what was stored just now.
    bool finds_at_once() const { return finds_at_once_; }

    // It has a habit at all, but for how it treats conditions and ids.
    bool has_habits() const { return !habits_.empty(); }
    // More than one request brings a packet here, and each may be refused, or lost, by itself.
    bool takes_parts() const { return takes_parts_; }
    // How long a write is at work here.
    Milliseconds commit() const { return commit_; }
    std::string habits() const;

    // What it does about a request. A status of 0: it hangs up.
    fhir::HttpResponse answer(const fhir::HttpRequest& request);

    // The keys of the Tasks that carry this transfer.
    std::vector<std::string> tasks_of(const std::string& transfer) const;
    // How often one and the same thing of this transfer lies here at the most.
    std::size_t copies_of(const std::string& transfer) const;
    // Everything of a transfer that lies here, as text.
    std::string bytes_of(const std::string& transfer) const;

    // Everything that lies here.
    std::string bytes() const;

    enum class Opinion { Given, Rejected };
    // The consultant comes to a conclusion about what lies here of the transfer.
    void conclude(const std::string& transfer, Opinion opinion);

private:
    // Their wall clock, which nobody sets.
    class TheirClock final : public Clock {
    public:
        explicit TheirClock(const SimClock& clock) : clock_(clock) {}
        Instant now() const override {
            return Instant(std::chrono::seconds(1'795'000'000)) + Milliseconds(clock_.elapsed_ms());
        }
        MonotonicTime monotonic_now() const override { return clock_.monotonic_now(); }
        bool wait_until(MonotonicTime, std::stop_token) override { return false; }

    private:
        const SimClock& clock_;
    };
    void take_habits(Chance& chance, sandbox::SandboxOptions& options);

    const Role role_;
    const std::string host_;
    const bool takes_our_ids_, honours_conditions_;
    std::vector<std::string> habits_;
    bool takes_parts_ = false, finds_at_once_ = true;
    Milliseconds commit_{0};
    testing::SeededRandom random_;
    const TheirClock clock_;
    mutable sandbox::Sandbox sandbox_;
};

}  // namespace consultd::simulation
