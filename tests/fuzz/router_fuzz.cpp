// A path comes from anybody: any bytes at all. The first line is the method, the second the target,
// then come headers. Without an operator no row of theirs is reached, whatever the request says; an
// id that a handler is given is one of FHIR's and cannot lead elsewhere.
#include <cstdlib>

#include "adapter/web/router.h"
#include "adapter/web/server/http_message.h"
#include "fhir/resource.h"

using namespace consultd;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

web::ServerResponse never(const web::RoutedRequest&) { std::abort(); }

web::ServerResponse open(const web::RoutedRequest& asked) {
    const std::string_view id = asked.id;
    check(asked.http.path == "/open" ? id.empty() : fhir::is_id(id) && id != "." && id != "..");
    check(id.empty() || asked.http.path.ends_with("/" + std::string(id)));
    return {.status = 200};
}

std::string_view take_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const web::Operators nobody = *web::Operators::read({});
    static const web::Router router(nobody,
                                    {{"GET", "/open", web::WhoMay::Anyone, open},
                                     {"GET", "/open/{id}", web::WhoMay::Anyone, open},
                                     {"POST", "/open", web::WhoMay::Operate, never},
                                     {"GET", "/fhir/Task", web::WhoMay::Operate, never},
                                     {"POST", "/{id}/$cancel", web::WhoMay::Operate, never},
                                     {"PUT", "/{id}", web::WhoMay::Operate, never}});
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    web::ServerRequest request{.method = std::string(take_line(rest))};
    if (!web::read_target(take_line(rest), request)) return 0;
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        const std::size_t colon = std::min(line.find(':'), line.size());
        request.headers.emplace_back(line.substr(0, colon),
                                     line.substr(std::min(colon + 2, line.size())));
    }
    const web::ServerResponse answer = router.handle(request);
    check(answer.status == 200 || answer.status == 401 || answer.status == 405);
    check(web::is_clean(answer.headers));
    // Nobody's body is read.
    const auto refused = router.before_body(request);
    check(refused && (refused->status == 401 || refused->status == 405));
    return 0;
}
