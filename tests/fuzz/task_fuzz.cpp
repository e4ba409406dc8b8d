// A Task and a search come from whoever has an operator's token.
#include <cstdlib>

#include "adapter/web/task.h"
#include "adapter/web/task_search.h"
#include "fhir/base/random.h"

using namespace consultd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SystemRandom random;
    static const crypto::Sealer sealer(Secret(std::string(32, 'k')), random);
    static const config::Config config;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto json = fhir::Json::parse(text)) {
        const auto order = web::order_from_task(*json, config);
        if (order.ok() && (order->source.empty() || order->destination.empty())) std::abort();
    }
    if (const auto search = web::TaskSearch::read(text, sealer)) {
        const auto again = web::TaskSearch::read(search->link(sealer), sealer);
        if (!again.ok() || again->status != search->status || again->patient != search->patient ||
            again->count != search->count)
            std::abort();
    }
    return 0;
}
