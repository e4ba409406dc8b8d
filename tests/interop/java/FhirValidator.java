import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.OperationOutcome;
import org.hl7.fhir.r5.model.OperationOutcome.OperationOutcomeIssueComponent;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.r5.utils.validation.constants.CheckDisplayOption;
import org.hl7.fhir.r5.utils.validation.constants.IdStatus;
import org.hl7.fhir.utilities.FhirPublication;
import org.hl7.fhir.utilities.TimeTracker;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.service.StandAloneValidatorFetcher;
import org.hl7.fhir.validation.service.model.InstanceValidatorParameters;

/**
 * The HL7 validator without a network: [-ig NAME#VERSION | -ig FOLDER]… [-profile URL]…
 * [-level error|warning|information] FILE…; one FILE line each with its counts, the issues below
 * it (undecidable ones below level error); exit 1 if there is a decidable error. What depends on terminology that is not on this
 * machine counts as undecidable.
 */
public class FhirValidator {
    private static final List<String> LEVELS = List.of("fatal", "error", "warning", "information");
    private static final List<String> UNDECIDABLE =
            List.of(
                    "could not be found, so the code cannot be validated",
                    "A definition for the value Set",
                    "without terminology services",
                    "matches more than one slice");

    private final List<String> guides = new ArrayList<>();
    private final List<String> profiles = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private String level = "error";
    private ValidationEngine engine;

    public static void main(String[] arguments) throws Exception {
        FhirValidator validator = new FhirValidator();
        validator.read(arguments);
        validator.start();
        int errors = 0;
        for (String file : validator.files) errors += validator.judge(file);
        System.exit(errors > 0 ? 1 : 0);
    }

    private void read(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "-ig" -> guides.add(arguments[++i]);
                case "-profile" -> profiles.add(arguments[++i]);
                case "-level" -> level = arguments[++i];
                default -> files.add(arguments[i]);
            }
        }
    }

    private void start() throws Exception {
        ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
        InstanceValidatorParameters parameters =
                new InstanceValidatorParameters()
                        .setAllowExampleUrls(true)
                        .setBestPracticeLevel(BestPracticeWarningLevel.Ignore)
                        .setShowMessageIds(true)
                        .addExtension("any");
        engine =
                new ValidationEngine.ValidationEngineBuilder()
                        .withVersion("4.0.1")
                        .withNoTerminologyServer()
                        .withCanRunWithoutTerminologyServer(true)
                        .withTimeTracker(new TimeTracker())
                        .withUserAgent("consultd-interop")
                        .withDefaultInstanceValidatorParameters(parameters)
                        .fromSource("hl7.fhir.r4.core#4.0.1");
        engine.setTerminologyServer(null, null, FhirPublication.R4, true);
        for (String guide : guides)
            engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), guide, false);
        // Without a fetcher the first slice that matches ends in a NullPointerException.
        StandAloneValidatorFetcher fetcher =
                new StandAloneValidatorFetcher(engine.getPcm(), engine.getContext(), engine);
        engine.setFetcher(fetcher);
        engine.getContext().setLocator(fetcher);
        engine.setPolicyAdvisor(fetcher);
        engine.setAnyExtensionsAllowed(true);
        engine.setBestPracticeLevel(BestPracticeWarningLevel.Ignore);
        engine.setDisplayWarnings(true);
        try (InputStream units = FhirValidator.class.getResourceAsStream("/ucum-essence.xml")) {
            engine.getContext().setUcumService(new org.fhir.ucum.UcumEssenceService(units));
        }
        engine.prepare();
    }

    private int judge(String file) throws Exception {
        OperationOutcome outcome =
                engine.validate(
                        "input",
                        Files.readAllBytes(Path.of(file)),
                        FhirFormat.JSON,
                        new ArrayList<>(profiles),
                        IdStatus.OPTIONAL,
                        true,
                        BestPracticeWarningLevel.Ignore,
                        CheckDisplayOption.Ignore);
        int[] counts = new int[LEVELS.size()];
        int undecidable = 0;
        for (OperationOutcomeIssueComponent issue : outcome.getIssue()) {
            if (rank(issue) < 2 && isUndecidable(issue)) undecidable++;
            else counts[rank(issue)]++;
        }
        System.out.printf(
                "FILE %s fatal=%d error=%d undecidable=%d warning=%d info=%d%n",
                file, counts[0], counts[1], undecidable, counts[2], counts[3]);
        for (OperationOutcomeIssueComponent issue : outcome.getIssue())
            if (rank(issue) <= LEVELS.indexOf(level) && (!level.equals("error") || !isUndecidable(issue)))
                print(issue);
        return counts[0] + counts[1];
    }

    private static void print(OperationOutcomeIssueComponent issue) {
        String id = "";
        for (var extension : issue.getExtension())
            if (extension.getUrl().endsWith("operationoutcome-message-id"))
                id = extension.getValue().primitiveValue();
        String where = issue.hasExpression() ? issue.getExpression().get(0).getValue() : "";
        String kind = isUndecidable(issue) ? "undecidable" : issue.getSeverity().toCode();
        System.out.println("  " + kind + " " + where + " | " + id + " | " + text(issue));
    }

    private static int rank(OperationOutcomeIssueComponent issue) {
        int known = LEVELS.indexOf(issue.getSeverity().toCode());
        return known < 0 ? LEVELS.size() - 1 : known;
    }

    private static boolean isUndecidable(OperationOutcomeIssueComponent issue) {
        return UNDECIDABLE.stream().anyMatch(text(issue)::contains);
    }

    private static String text(OperationOutcomeIssueComponent issue) {
        return String.valueOf(issue.getDetails().getText());
    }
}
