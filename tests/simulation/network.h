// Network: the roads between the daemon and the institutions: an HttpTransport that goes wrong as
// the weather says. Exchanges take simulated time; while one is going on, others may act.
// Everything that leaves us passes here, so here stand those who watch it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fhir/client/http.h"
#include "tests/simulation/institution.h"
#include "tests/simulation/weather.h"

namespace consultd::simulation {

// Who is told of what leaves.
struct Watchers {
    // Before the first byte of a packet of this transfer.
    std::function<void(const std::string& transfer, const std::string& body, Institution& to)>
        packet_leaves;
    std::function<void(const std::string& transfer, Institution& there)> packet_stored;
    // It was refused, all of it or a part that goes by itself.
    std::function<void(const std::string& transfer)> packet_refused;
    // Somebody says that it is stored, and it is not.
    std::function<void(const std::string& transfer)> packet_claimed;
    // While an exchange is going on: whatever else happens in the process, or to it.
    std::function<void(const fhir::HttpRequest& request)> meanwhile;
};

class Network {
public:
    using Answer = Result<fhir::HttpResponse>;

    Network(SimClock& clock, Chance& chance, Weather& weather, History& history, Watchers watchers)
        : clock_(clock),
          chance_(chance),
          weather_(weather),
          history_(history),
          watchers_(std::move(watchers)) {}

    void add(Institution& institution) { institutions_[institution.host()] = &institution; }
    std::unique_ptr<fhir::HttpTransport> road();
    std::uint64_t exchanges() const { return exchanges_; }

private:
    friend class Road;
    Answer exchange(const fhir::HttpRequest& request, const std::stop_token& stop);
    Answer read(const fhir::HttpRequest& request, Institution& there);
    Answer send_packet(const fhir::HttpRequest& request, Institution& there);
    std::optional<Answer> goes_wrong_anywhere(const fhir::HttpRequest& request);
    Answer refuse(int status, bool with_retry_after);
    fhir::HttpResponse with_others(fhir::HttpResponse response);
    fhir::HttpResponse with_next_elsewhere(fhir::HttpResponse response);
    fhir::HttpResponse claim_it(const fhir::HttpRequest& request);
    bool may_not_find_yet(const fhir::HttpRequest& request, const Institution& there) const;
    fhir::HttpResponse stored(const fhir::HttpRequest& request, Institution& there,
                              Milliseconds hidden = std::chrono::seconds(10));
    // The same, after the time that it takes there, whatever becomes of us meanwhile.
    fhir::HttpResponse stored_in_time(const fhir::HttpRequest& request, Institution& there);
    void check_token(const fhir::HttpRequest& request, const Institution* there) const;
    // Until the other side, or our patience, is at its end.
    void wait_for_nothing(const fhir::HttpRequest& request);

    SimClock& clock_;
    Chance& chance_;
    Weather& weather_;
    History& history_;
    const Watchers watchers_;
    std::map<std::string, Institution*> institutions_;
    std::map<const Institution*, MonotonicTime> hidden_until_;  // what was stored last
    std::uint64_t exchanges_ = 0;
};

}  // namespace consultd::simulation
