// Pages of a search come from an EHR, or from whoever answers in its place: any bytes at all. The
// input is the answers in the order in which they come, a line each. Whatever they say, nothing is
// asked for outside the source's origin, the search ends, and what it brings is what was on its
// pages.
#include <cstdlib>
#include <vector>

#include "fhir/client/search.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"

using namespace consultd;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

class NoCredentials final : public fhir::Credentials {
public:
    Result<std::optional<std::string>> authorization(const fhir::Url&, Deadline,
                                                     std::stop_token) override {
        return std::optional<std::string>("Bearer secret");
    }
    void refused(std::string_view) override {}
};

// Hands out the lines, one a request; what is asked for when there are none left is not there.
class Pages {
public:
    explicit Pages(std::string_view text) : left_(text) {}
    Result<fhir::HttpResponse> next() {
        if (left_.empty()) return testing::json_answer(404, "{}");
        const std::size_t end = std::min(left_.find('\n'), left_.size());
        const std::string line(left_.substr(0, end));
        left_.remove_prefix(std::min(end + 1, left_.size()));
        entries += count_entries(line);
        return testing::json_answer(200, line);
    }
    std::size_t entries = 0;

private:
    static std::size_t count_entries(std::string line) {
        if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
        const auto json = fhir::Json::parse(std::move(line));
        return json.ok() ? (*json)["entry"].size() : 0;
    }
    std::string_view left_;
};

void check_bundle(const fhir::Json& json) {
    const auto bundle = fhir::Bundle::parse(json);
    if (!bundle.ok()) return;
    check(bundle->entries().size() == json["entry"].size());
    if (const auto next = bundle->link("next")) check(!next->empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const fhir::Url base = *fhir::Url::parse("https://ehr.example/fhir");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Pages pages(text);
    std::size_t requests = 0;
    testing::FakeTransport transport([&](const fhir::HttpRequest& request) {
        check(request.url.same_origin(base));
        check(++requests < 100);
        return pages.next();
    });
    testing::FakeClock clock;
    NoCredentials credentials;
    fhir::FhirClient client(base, transport, credentials, clock);
    fhir::Search search(client, base.below("Observation"),
                        {.pages_max = 8, .resources_max = 50, .restarts_max = 1});
    const fhir::Call call{.deadline = Deadline::after(clock, std::chrono::seconds(60))};
    const auto result = search.run(call);
    if (result.ok()) {
        check(result->pages >= 1 && result->pages <= 8);
        check(result->matches.size() + result->includes.size() <= pages.entries);
        for (const auto& match : result->matches) check(match.resource.is_object());
        for (const auto& include : result->includes) check(include.resource.is_object());
    }
    if (const auto json = fhir::Json::parse(std::string(text))) check_bundle(*json);
    return 0;
}
