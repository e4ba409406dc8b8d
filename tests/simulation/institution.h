// Institution: a source or a destination in memory: the sandbox without its sockets. What a
// destination holds is the truth that the promises are checked against.
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
    const Role role_;
    const std::string host_;
    const bool takes_our_ids_, honours_conditions_;
    testing::SeededRandom random_;
    const SimClock& clock_;
    mutable sandbox::Sandbox sandbox_;
};

}  // namespace consultd::simulation
