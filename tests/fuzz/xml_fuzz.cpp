// XML comes from files of any program: what is read is JSON that our own reader takes, and nothing
// of it makes the walk or validate stumble.
#include <cstdlib>

#include "fhir/r4/from_xml.h"
#include "fhir/r4/shape.h"
#include "fhir/r4/validate.h"

using namespace consultd::fhir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto json = r4::resource_from_xml({reinterpret_cast<const char*>(data), size});
    if (!json.ok()) return 0;
    if (!same_value(*json, *Json::parse(json->print()))) std::abort();
    if (!r4::misshapen_element(*json).empty()) std::abort();
    r4::validate(*json);
    return 0;
}
