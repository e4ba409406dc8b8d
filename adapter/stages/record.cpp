#include "adapter/stages/record.h"

#include <map>

namespace consultd {

std::vector<std::string> Record::names() const {
    std::vector<std::string> names;
    names.reserve(resources.size() + rejected.size());
    for (const PulledResource& pulled : resources) names.push_back(pulled.source);
    for (const RejectedResource& lost : rejected) names.push_back(lost.source);
    return names;
}

void add_gaps_of_rejected(Record& record) {
    std::map<std::string_view, std::size_t> counts;
    for (const RejectedResource& lost : record.rejected)
        if (lost.reason.view() != "wrong-patient") ++counts[lost.reason.view()];
    for (const RejectedResource& lost : record.rejected) {
        const auto found = counts.find(lost.reason.view());
        if (found == counts.end()) continue;
        record.gaps.push_back({std::to_string(found->second) +
                                   (found->second == 1 ? " entry" : " entries") + " of the record",
                               lost.reason});
        counts.erase(found);
    }
}

}  // namespace consultd
