#include "tests/simulation/weather.h"

namespace consultd::simulation {
namespace {

// Once in so many chances to go wrong, at its most frequent: a pull has hundreds of exchanges, a
// transfer one send.
std::uint64_t most_frequent(Fault fault) {
    switch (fault) {
        case Fault::DiesAtPoint:
            return 12;
        case Fault::PowerCut:
        case Fault::DiskFails:
        case Fault::StoreBusy:
            return 60;
        case Fault::DiskFull:
        case Fault::DiesOnTheRoad:
        case Fault::Stands:
        case Fault::WallJumps:
            return 250;
        case Fault::RequestLost:
        case Fault::AnswerLost:
        case Fault::StoresLate:
        case Fault::ProxyRefuses:
        case Fault::SentTwice:
        case Fault::IndexLags:
            return 2;
        case Fault::Restored:
        case Fault::RefusesPacket:
        case Fault::ClaimsIt:
            return 8;
        case Fault::StepsOverlap:
            return 10;
        default:
            return 40;
    }
}

}  // namespace

Weather::Weather(Chance& chance, bool is_calm)
    : chance_(chance), was_always_calm_(is_calm), is_calm_(is_calm) {
    for (std::size_t i = 0; i < fault_count; ++i)
        if (!is_calm && chance.once_in(3))
            times_[i] = most_frequent(static_cast<Fault>(i)) << chance.below(4);
}

}  // namespace consultd::simulation
