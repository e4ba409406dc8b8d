#include "adapter/stages/record.h"

namespace consultd {

std::vector<std::string> Record::names() const {
    std::vector<std::string> names;
    names.reserve(resources.size() + rejected.size());
    for (const PulledResource& pulled : resources) names.push_back(pulled.source);
    for (const RejectedResource& lost : rejected) names.push_back(lost.source);
    return names;
}

}  // namespace consultd
