#include "adapter/doctor/door.h"

#include <algorithm>
#include <iomanip>
#include <iterator>
#include <sstream>

#include "adapter/doctor/sign_in.h"
#include "adapter/stages/authorize.h"
#include "fhir/client/http_tls_look.h"
#include "fhir/client/smart_backend.h"

namespace consultd::doctor {
namespace {

constexpr std::int64_t days_of_alarm = 7;
// Assertions are dated, and hold for minutes: RFC 7523 §3.
constexpr Milliseconds skew_max = std::chrono::seconds(30);

fhir::HttpOptions options_of(const Institution& institution) {
    return {.ca_file = institution.tls.ca_file,
            .certificate_file = institution.tls.certificate_file,
            .key_file = institution.tls.key_file};
}

// Whose turn it is where no handshake came about.
StaticText to_do_for(ErrorKind kind) {
    if (kind == ErrorKind::NotFound)
        return "Is the name in `fhirBaseUrl` right, and does the DNS of this machine know it?";
    if (kind == ErrorKind::Malformed)
        return "The port is open: is it that of plain http, or of another service?";
    return "Port, firewall: is the server up, and may we reach it?";
}

bool look_at_certificate(const Institution& institution, const Tools& tools, Findings& findings) {
    if (!institution.base.is_https()) {
        findings.push_back({Mark::Note, "certificate", "none: plain http on a loopback address"});
        return true;
    }
    const Result<fhir::CertificateSeen> seen = fhir::look_at_certificate(
        institution.base.host(), institution.base.port(), options_of(institution));
    if (!seen && seen.error().kind() == ErrorKind::Forbidden) {
        findings.push_back({Mark::Bad, "certificate", words_of(seen.error()),
                            "Their certificate, or our `tls.caFile`, has to be mended."});
        return false;
    }
    if (!seen) {
        findings.push_back(
            {Mark::Bad, "connection", words_of(seen.error()), to_do_for(seen.error().kind())});
        return false;
    }
    const std::int64_t days =
        std::chrono::floor<std::chrono::days>(seen->not_after - tools.clock.now()).count();
    findings.push_back({days < days_of_alarm ? Mark::Bad : Mark::Good, "certificate",
                        "holds for " + std::to_string(days) + " days",
                        days < days_of_alarm ? StaticText("They must renew it.") : StaticText("")});
    return true;
}

// RFC 9110 §6.6.1.
std::optional<Instant> date_of(const fhir::HttpResponse& response) {
    const auto date = response.headers.find("Date");
    if (!date) return {};
    std::tm parts{};
    std::istringstream text{std::string(*date)};
    text.imbue(std::locale::classic());
    if (!(text >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S"))) return {};
    return Instant(std::chrono::seconds(::timegm(&parts)));
}

void look_at_clock(const fhir::HttpResponse& response, const Tools& tools, Findings& findings) {
    const std::optional<Instant> theirs = date_of(response);
    if (!theirs) {
        findings.push_back({Mark::Skip, "clock", "their answers have no Date"});
        return;
    }
    const Milliseconds skew = *theirs - tools.clock.now();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(skew).count();
    const bool is_bad = std::chrono::abs(skew) > skew_max;
    findings.push_back(
        {is_bad ? Mark::Bad : Mark::Good, "clock",
         std::to_string(std::abs(seconds)) + " s " + (seconds < 0 ? "behind" : "ahead of") +
             " ours",
         is_bad ? StaticText("One of the two clocks is wrong: NTP.") : StaticText("")});
}

// As anybody may: https://hl7.org/fhir/R4/http.html#capabilities
bool look_at_metadata(const Institution& institution, fhir::HttpTransport& transport,
                      const Tools& tools, Findings& findings) {
    fhir::HttpRequest request;
    request.url = institution.base.below("metadata");
    request.headers.add("Accept", "application/fhir+json");
    request.deadline = tools.call().deadline;
    const Result<fhir::HttpResponse> response = transport.send(std::move(request), tools.stop);
    if (!response) {
        findings.push_back({Mark::Bad, "connection", words_of(response.error()),
                            "Name, port, firewall: is the server up, and may we reach it?"});
        return false;
    }
    look_at_clock(*response, tools, findings);
    const auto capability = institution.peer.capability(tools.call());
    if (!capability) {
        findings.push_back({Mark::Bad, "metadata", words_of(capability.error()),
                            "Is `fhirBaseUrl` the base of an R4 server?"});
        return capability.error().kind() != ErrorKind::Unsupported;
    }
    findings.push_back({Mark::Good, "metadata",
                        "FHIR R4, " + std::to_string((*capability)->types().size()) + " types"});
    return true;
}

std::set<std::string> words_in(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

void look_at_scopes(const std::string& asked, const std::string& granted, Findings& findings) {
    const std::set<std::string> all = words_in(granted);
    std::string lacking;
    for (const std::string& scope : words_in(asked))
        if (!all.contains(scope)) lacking += (lacking.empty() ? "" : " ") + scope;
    if (lacking.empty()) {
        findings.push_back({Mark::Good, "scopes", "all that were asked for"});
        return;
    }
    // A server may grant the parts of what was asked for: what no scope covers is told as a gap.
    findings.push_back({Mark::Note, "scopes", "granted other ones than asked for; not: " + lacking,
                        "Their registration of our client decides: compare with `auth.scope`."});
}

bool look_at_backend_token(const Institution& institution, fhir::HttpTransport& transport,
                           const Tools& tools, Findings& findings) {
    const fhir::Call call = tools.call();
    const auto found =
        fhir::discover_smart(institution.base, transport, tools.clock, call.deadline, call.stop);
    if (!found) {
        findings.push_back({Mark::Bad, "SMART discovery", words_of(found.error()),
                            "Their server must serve .well-known/smart-configuration."});
        return false;
    }
    findings.push_back({Mark::Good, "SMART discovery",
                        "the token endpoint is at " + found->token_endpoint.origin()});
    Result<crypto::Key> key = read_client_key(institution.auth);
    if (!key) {
        findings.push_back({Mark::Bad, "client key", words_of(key.error()), "`keys generate`"});
        return false;
    }
    fhir::SmartBackend backend(institution.base,
                               {institution.auth.client_id, institution.auth.scope},
                               *std::move(key), transport, tools.clock, tools.random);
    const auto token = backend.authorization(institution.base, call.deadline, call.stop);
    if (!token) {
        findings.push_back(
            {Mark::Bad, "token", words_of(token.error()),
             "Does their registration have our client id, and the keys that `keys jwks` prints?"});
        return false;
    }
    findings.push_back({Mark::Good, "token",
                        institution.auth.algorithm + ", client " + institution.auth.client_id});
    const auto granted = backend.granted_scope(call.deadline, call.stop);
    if (granted && *granted) look_at_scopes(institution.auth.scope, **granted, findings);
    return true;
}

bool look_at_credentials(const Institution& institution, fhir::HttpTransport& transport,
                         const Tools& tools, Findings& findings) {
    if (institution.auth.type == config::Auth::Type::SmartBackend)
        return look_at_backend_token(institution, transport, tools, findings);
    if (institution.auth.type == config::Auth::Type::SmartPatient)
        return look_at_sign_in(institution, tools, findings);
    const Result<std::optional<Secret>> fixed = fixed_authorization(institution.auth);
    if (!fixed) {
        findings.push_back(
            {Mark::Bad, "credentials", words_of(fixed.error()), "The file that `auth` names."});
        return false;
    }
    findings.push_back(
        {Mark::Note, "credentials",
         *fixed ? "fixed ones; whether they are let in shows below" : "none are sent"});
    return true;
}

}  // namespace

std::string words_of(const Error& error) {
    std::string words = error.message();
    if (const auto status = error.number("status"))
        words += " (HTTP " + std::to_string(*status) + ")";
    for (const char* const detail : {"tls", "oauth"})
        if (const auto text = error.text(detail)) words += " (" + std::string(text->view()) + ")";
    return words;
}

bool look_at_door(const Institution& institution, const Tools& tools, Findings& findings) {
    if (!look_at_certificate(institution, tools, findings)) return false;
    const auto transport = fhir::make_http_transport(options_of(institution), tools.clock);
    if (!transport) {
        findings.push_back(
            {Mark::Bad, "connection", words_of(transport.error()), "The files that `tls` names."});
        return false;
    }
    return look_at_metadata(institution, **transport, tools, findings) &&
           look_at_credentials(institution, **transport, tools, findings);
}

}  // namespace consultd::doctor
