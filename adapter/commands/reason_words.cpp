#include "adapter/commands/reason_words.h"

#include <array>

namespace consultd::commands {
namespace {

using enum ReasonOf;

constexpr StaticText ask_source = "Ask the source's operators for it; then send a new order.";
constexpr StaticText nothing = "Nothing: it is as it should be.";

constexpr std::array rows = std::to_array<ReasonRow>({
    // ---- why a transfer stands, or ended
    {Transfer, "unavailable", "The institution could not be reached, time after time.",
     "Look at the side, host and port that `status` names: name resolution, firewall, TLS, is it "
     "up? Then `retry`."},
    {Transfer, "rate-limited",
     "The institution asked us to come back later, more often than we try.",
     "Ask its operators for the limit they set on us; lower `pull.parallel`. Then `retry`."},
    {Transfer, "uncertain",
     "Bytes may have arrived and no answer says so; the destination was asked, and did not tell.",
     "When it answers again: `retry`. It is asked before anything is sent, and nothing goes "
     "twice."},
    {Transfer, "not-authorized", "The institution did not accept who we are, or our token.",
     "Is the client registered there, with the keys that `keys jwks` prints? Then `retry`."},
    {Transfer, "forbidden", "We are known there, and are not allowed to do this.",
     "Compare `auth.scope` in the configuration with what was granted to us. Then `retry`."},
    {Transfer, "consent",
     "The patient's Consent does not let us go on: it has expired, names another recipient, or has "
     "a rule that cannot be decided.",
     "Look at its period, its recipient and its rules; a new Consent is a new order."},
    {Transfer, "not-found", "The source has no such patient.",
     "Check the id or identifier, and the source, that the order names."},
    {Transfer, "identity",
     "It is not certain who the patient is. At the destination (`status` names the side) somebody "
     "is similar, the chart that was matched is not theirs, or it has more than it shows; at the "
     "source several answer to the identifier, or may.",
     "At the destination: `match` shows both sides, and a person decides. At the source: a new "
     "order that names the patient by the Patient's id there."},
    {Transfer, "in-another-chart",
     "It was sent, and lies in a chart at the destination that is another person's: two patients "
     "are harmed.",
     "Call the destination's operators and its privacy officer at once: `status --json` names the "
     "charts and what of ours lies there (`otherChart`). When they have put it right: `retry` "
     "reads it back. `cancel` asks for it to be removed."},
    {Transfer, "protocol",
     "The institution answered with something that is not FHIR as it says it is.",
     "Its operators need to know; the log says at which request. Then `retry`."},
    {Transfer, "unsupported", "What is to be done is not offered there, or not by this program.",
     "The log says what. Another `deliver.method` or `pull.method` may do."},
    {Transfer, "too-large", "It is over a limit: of the configuration, or of the institution.",
     "See `limits` and `deliver.maxBundle`. Then `retry`."},
    {Transfer, "storage", "A write of ours failed.",
     "Is the disk full, or broken? Nothing more leaves until the daemon is started again."},
    {Transfer, "our-fault",
     "Something of ours does not fit together: this is a bug, or a damaged state.",
     "`audit verify`; report it, with the log lines of this transfer."},
    {Transfer, "stopped", "It was stopped in the middle of a step.", "`retry`."},
    {Transfer, "configuration", "The configuration lacks what this transfer needs.",
     "`check` lists what is wrong. Then `retry`."},
    {Transfer, "busy", "Somebody else is at work on the same state.", "`retry`."},
    {Transfer, "no-records", "The source gave the patient and nothing clinical about them.",
     "Is it the right patient, and does our scope let us read more than Patient? Then `retry`."},
    {Transfer, "choice", "The record is read, and its patient has not said yet what may be shared.",
     "Nothing: the patient goes on in the portal; nothing leaves before."},
    {Transfer, "approval",
     "The packet is ready, and its patient has not seen it yet and let it go.",
     "Nothing: the patient goes on in the portal; nothing leaves before."},
    {Transfer, "not-handed-over",
     "The source gave the patient, and no answer that can be read to the questions for the rest: "
     "whether there are records is not known.",
     "`status --json` names what was not handed over (`gaps`), for its operators. Then `retry`."},
    {Transfer, "not-all-taken",
     "The destination took a part of the packet and refused the rest, or a part was not found "
     "there after its time, or has other bytes, or says less or something else than was sent: what "
     "is there is not whole.",
     "`status --json` names what is not there (`notTaken`), for the destination's operators. "
     "Nothing is sent again by itself."},
    {Transfer, "withdrawn-in-part",
     "It was withdrawn when a part of it was there: no more is sent, and the destination takes no "
     "message about it.",
     "Ask the destination to remove what is there: the outcome in the audit log names it. `retry` "
     "asks again."},
    {Transfer, "ended-before",
     "The audit log says that it ended without anything being there; the state is an older copy.",
     "If it is still wanted: a new order."},
    {Transfer, "opinion-incomplete",
     "An opinion came, and not all of it could be taken, or nothing: something that it refers to "
     "is not given, or it is not known here any more who the patient there is.",
     "Ask the destination for the rest; what was taken is kept: `opinion`. Then `retry`."},
    {Transfer, "opinion-not-ours",
     "What came back names another patient or another order than the one that was delivered, or "
     "nobody; nothing of that is kept.",
     "Tell the destination: its Task, and what this leads to, must name the chart that the record "
     "went into. Then `retry`."},
    {Transfer, "opinion-void",
     "What came back says of itself that it is not to be used: entered in error, cancelled, "
     "replaced by another. An earlier one that was read may be what is withdrawn.",
     "Ask the destination what holds; tell whoever read it. A new one is taken by itself, or after "
     "`retry` where it is held."},
    {Transfer, "opinion-preliminary", "The opinion says of itself that it may change.",
     "Read it as that; the final one is looked for, and taken as a further version."},
    {Transfer, "no-opinion", "The destination says that it is done, and gave no opinion.",
     "Ask there for it, as an output of its Task. Then `retry`."},
    {Transfer, "withdrawal-not-taken",
     "The patient withdraws, and the destination neither lets us cancel its Task nor takes a "
     "message.",
     "Tell its operators; we tell it again by ourselves until it has it."},
    {Transfer, "record-expired",
     "It stood for longer than records are kept, and its record was wiped.",
     "A new order pulls anew."},
    {Transfer, "found-there",
     "It ended here as not delivered, and the destination has it all the same.",
     "Tell the patient; `cancel` takes it back there. `audit list` has what is proven."},
    {Transfer, "sent-before",
     "The audit log has another transfer of the same record to the same destination under the same "
     "consent, or of an order of the same name: sent, under way, or found there.",
     "`status --json` names it (`sentBefore`). If another copy is wanted: a new order, by "
     "`transfer --again` or with another Task.identifier; else `cancel`."},
    {Transfer, "doubled-there",
     "All of it is there, and the destination stored some of it a second time.",
     "`status --json` names where (`delivery`, `alsoThere`), for the destination's operators: it "
     "is theirs to remove."},
    {Transfer, "step-dies", "The program died in the same step of this transfer, five times.",
     "Report it. The other transfers go on. `retry` tries once more."},
    {Transfer, "cancelled", "It was withdrawn, and nothing of it is at the destination.", nothing},
    {Transfer, "asked-back",
     "It was withdrawn when it, or a part of it, was at the destination: that has been told so, or "
     "let us delete all that was a part.",
     "What was stored there stays unless its operators, or `deletions` in `status --json`, say "
     "otherwise; withdrawal.json (`packet`) has its answer."},
    {Transfer, "destination-ended-it", "The destination ended its Task without an opinion.",
     "Ask there why; its Task says what it wants to say."},
    {Transfer, "opinion-overdue", "No opinion came for as long as `follow.for` says.",
     "Ask the destination; it is not looked at again."},

    // ---- what the source did not hand over
    {Gap, "bad-url", "An address in the record cannot be read.", ask_source},
    {Gap, "by-category-only",
     "It was asked for category by category, and nothing shows that these are all.",
     "`pull.searches` names the categories that the source has of its own, or that it takes the "
     "patient alone."},
    {Gap, "empty-page", "The source stopped on the way, with an empty page.",
     "`retry` later, or ask its operators: their paging loses records."},
    {Gap, "leads-to-another",
     "It refers to a record of another patient, which was left out with all that is said of it.",
     "The source's privacy officer must know; the ledger names it."},
    {Gap, "version-conflict",
     "The source gave it with several contents, and not which one holds: each is here.",
     ask_source},
    {Gap, "left-operation", "The source went on with something else than what it was asked for.",
     ask_source},
    {Gap, "not-asked", "`pull.searches` says that it is not asked for.", nothing},
    {Gap, "parameter-ignored",
     "The source does not say that it went by the patient; its answer was not believed.",
     ask_source},
    {Gap, "fewer-than-total", "The source said that it has more than it gave.",
     "`retry` later, or ask its operators: their paging loses records."},
    {Gap, "narrowed",
     "The source put a condition of its own into the question, a default filter for one, or asked "
     "for somebody else.",
     "Ask its operators to take that filter off for us; its `self` link names it."},
    {Gap, "foreign-host", "It lies on another system than the source, which was not asked.",
     "If that is the source by another name, `fhirBaseAliases` says so."},
    {Gap, "other-port", "It lies at another port of the source than `fhirBaseUrl` has.",
     "If that is the source as well, `fhirBaseAliases` says so."},
    {Gap, "not-ready", "The export was not ready within twelve hours, and was given up.",
     "Ask its operators whether their export works; another `pull.method` asks another way."},
    {Gap, "not-narrowed", "The export had more patients than ours, and was not read on.",
     "The source makes light of `patient`: another `pull.method`, and its operators must know."},
    {Gap, "other-origin", "A file of the export lies at another origin than the source.",
     "If it needs no token, `pull.attachmentOrigins` lets it be fetched there."},
    {Gap, "other-case", "Its address differs from `fhirBaseUrl` in capital letters alone.",
     "If the source takes both, `fhirBaseAliases` says so."},
    {Gap, "other-path", "It lies at another path of the source than `fhirBaseUrl` has.",
     "If that is the same FHIR server, `fhirBaseAliases` says so."},
    {Gap, "empty-answer", "The source gave nothing in its place.", ask_source},
    {Gap, "type-mismatch", "Something else came than what was told, a page to sign in at for one.",
     ask_source},
    {Gap, "not-an-attachment",
     "An attachment's address leads to another record or a search, and was not asked for.",
     ask_source},
    {Gap, "hash-mismatch", "It came damaged: its checksum does not fit.", ask_source},
    {Gap, "size-mismatch", "It came damaged: its size does not fit.", ask_source},
    {Gap, "http-401", "The source did not let us read it.",
     "Our token does not cover it: see `auth.scope`."},
    {Gap, "http-403", "The source did not let us read it.",
     "Our scopes do not cover it: see `auth.scope`."},
    {Gap, "http-404", "The source does not have it any more.", ask_source},
    {Gap, "http-410", "The source has deleted it.", ask_source},
    {Gap, "http-400", "The source refused the question, also in its plainest form.", ask_source},
    {Gap, "names-another", "It is this patient's and names another person too, so it was not kept.",
     "The source's operators must find out whose it is; the ledger names it."},
    {Gap, "no-records", "The source gave the patient and nothing clinical about them.",
     "Is it the right patient, and do our scopes let us read more than Patient?"},
    {Gap, "not-found", "The source does not have it.", ask_source},
    {Gap, "not-granted",
     "The scopes that the source granted do not cover it as a whole, so that no answer proves "
     "anything.",
     "`doctor` compares them with `auth.scope`; their registration of our client decides."},
    {Gap, "too-large", "It is larger than `limits` let in.",
     "Raise the limit, and send a new order."},
    {Gap, "malformed", "It is not FHIR as R4 has it, so it could not be read.",
     "The ledger names it; `validate` says where, on a copy from the source."},
    {Gap, "malformed-answer", "The source's answer could not be read.", ask_source},
    {Gap, "http-…", "The source answered so, and did not hand it over.",
     "`retry` later, or ask its operators; the number is that of HTTP."},
    {Gap, "not-followed", "Something refers to it, and it is of a kind that is not read.", nothing},
    {Gap, "not-offered", "The source does not offer it.",
     "The records exist on paper or in another system: ask there."},
    {Gap, "other-record-not-read", "A second record of the same person was not read.",
     "Send an order for that one too."},
    {Gap, "other-resource", "The source gave something else in its place.", ask_source},
    {Gap, "other-version-held",
     "Something refers to a version of it that did not come; another version did.", ask_source},
    {Gap, "page-cap", "There is more than `pull.maxPages` lets us read.",
     "Raise it, and send a new order."},
    {Gap, "redacted",
     "The source says that it took something out of it, or covered it up (REDACTED, MASKED).",
     ask_source},
    {Gap, "reference-cap", "There is more than the limit lets us follow.", ask_source},
    {Gap, "referenced-not-found", "Something refers to it, and it is not in the record.",
     ask_source},
    {Gap, "refused", "The source answered with a refusal, under a status of success.",
     "Our scopes may not cover it: see `auth.scope`."},
    {Gap, "subsetted", "The source gave a part of it only.", ask_source},
    {Gap, "web-page", "A web page came in its place, one to sign in at most likely.",
     "Has our sign-in there run out, or does the address lead to a portal?"},
    {Gap, "suppressed", "The source says that it left something out.", ask_source},

    // ---- why a resource was not delivered
    {Resource, "wrong-patient",
     "It is of another patient: the source leaked it to us. Its content is gone.",
     "The source's privacy officer must know; the audit log has the alarm."},
    {Resource, "unproven-patient", "It cannot be shown to be about this patient.",
     "If the source writes its own address in several ways, `fhirBaseAliases` says so."},
    {Resource, "malformed", "It has not the shape that R4 gives its type.",
     "`validate` says where; the source's vendor must mend it."},
    {Resource, "modifier-extension",
     "It is marked with something that changes its meaning, which we do not know.",
     "A person reads it at the source."},
    {Resource, "other-version", "It is of another version of FHIR than R4.", ask_source},
    {Resource, "version-conflict", "The source gave one version of it with two contents.",
     ask_source},
    {Resource, "superseded", "A newer version of it is in the record.", nothing},
    {Resource, "deleted", "The source's history says that it was deleted.", nothing},
    {Resource, "class-denied", "The Consent denies the class that it falls under.", nothing},
    {Resource, "confidentiality", "It is marked as more confidential than the Consent permits.",
     nothing},
    {Resource, "class-not-permitted", "The Consent permits nothing that it falls under.", nothing},
    {Resource, "code-denied", "The Consent denies what it is about, by its code.", nothing},
    {Resource, "instance-denied", "The Consent denies it by name.", nothing},
    {Resource, "names-withheld", "Its words name something that is withheld.", nothing},
    {Resource, "only-with-withheld", "It belongs to nothing but what is withheld.", nothing},
    {Resource, "first-opinion-sealed",
     "It says what the first team concluded or planned, and the consultant is to read it after "
     "their own opinion.",
     "Nothing: it goes by itself, as a transfer of its own, once the opinion is filed."},
    {Resource, "undecidable", "It cannot be decided under this Consent, and so stays.",
     "A rule by code that names it decides it."},
    {Resource, "sensitivity",
     "Its code, label or words fall under a category that the Consent denies, or that goes only "
     "where a Consent names it.",
     nothing},
});

}  // namespace

std::span<const ReasonRow> reason_rows() { return rows; }

}  // namespace consultd::commands
