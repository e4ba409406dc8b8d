import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.batch2.jobs.export.BulkDataExportProvider;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.ips.generator.IIpsGeneratorSvc;
import ca.uhn.fhir.jpa.ips.generator.IpsGeneratorSvcImpl;
import ca.uhn.fhir.jpa.ips.jpa.DefaultJpaIpsGenerationStrategy;
import ca.uhn.fhir.jpa.ips.provider.IpsOperationProvider;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.IncomingRequestAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.io.File;
import java.util.*;
import javax.sql.DataSource;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.dbcp2.BasicDataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.*;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** HAPI FHIR R4 JPA server on loopback, H2 in memory. args: PORT */
public class HapiPeer {
    static boolean flag(String n, boolean d) {
        return Boolean.parseBoolean(System.getProperty(n, "" + d));
    }

    @Configuration
    @EnableTransactionManagement
    @Import({JpaR4Config.class, HapiJpaConfig.class, JpaBatch2Config.class, Batch2JobsConfig.class,
        SubscriptionChannelConfig.class, SubscriptionSubmitterConfig.class,
        ThreadPoolFactoryConfig.class})
    public static class Cfg {
        @Bean
        JpaStorageSettings jpaStorageSettings() {
            JpaStorageSettings s = new JpaStorageSettings();
            s.setAllowExternalReferences(flag("extrefs", true));
            s.setEnforceReferentialIntegrityOnWrite(flag("refint", true));
            s.setAutoCreatePlaceholderReferenceTargets(flag("placeholders", false));
            s.setReuseCachedSearchResultsForMillis(null);
            s.setAllowMultipleDelete(false);
            s.setExpungeEnabled(true);
            s.setBundleTypesAllowedForStorage(
                new HashSet<>(Arrays.asList("collection", "document", "message")));
            return s;
        }
        @Bean
        PartitionSettings partitionSettings() {
            return new PartitionSettings();
        }
        @Bean
        SubscriptionSettings subscriptionSettings() {
            return new SubscriptionSettings();
        }
        @Bean
        @Lazy
        IBinaryStorageSvc binaryStorageSvc() {
            return new DatabaseBinaryContentStorageSvcImpl();
        }
        @Bean(destroyMethod = "close")
        DataSource dataSource() {
            BasicDataSource d = new BasicDataSource();
            d.setDriver(new org.h2.Driver());
            d.setUrl(System.getProperty("jdbc", "jdbc:h2:mem:peer;DB_CLOSE_DELAY=-1"));
            d.setUsername("sa");
            d.setPassword("");
            d.setMaxTotal(30);
            return d;
        }
        @Bean
        @Primary
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource ds,
            ConfigurableListableBeanFactory bf, FhirContext ctx, JpaStorageSettings st) {
            LocalContainerEntityManagerFactoryBean f =
                HapiEntityManagerFactoryUtil.newEntityManagerFactory(bf, ctx, st);
            f.setPersistenceUnitName("HAPI_PU");
            f.setDataSource(ds);
            Properties p = new Properties();
            p.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
            p.put("hibernate.hbm2ddl.auto", "update");
            p.put("hibernate.jdbc.batch_size", "30");
            p.put("hibernate.search.enabled", "false");
            f.setJpaProperties(p);
            return f;
        }
        @Bean
        @Primary
        JpaTransactionManager transactionManager(EntityManagerFactory f) {
            return new JpaTransactionManager(f);
        }
        @Bean
        IIpsGeneratorSvc ipsGenerator(FhirContext c) {
            return new IpsGeneratorSvcImpl(c, new LinkedList<>(List.of(ipsStrategy())));
        }
        @Bean
        DefaultJpaIpsGenerationStrategy ipsStrategy() {
            return new DefaultJpaIpsGenerationStrategy();
        }
        @Bean
        IpsOperationProvider ipsProvider(IIpsGeneratorSvc s) {
            return new IpsOperationProvider(s);
        }
    }

    public static void main(String[] a) throws Exception {
        long t0 = System.nanoTime();
        int port = Integer.parseInt(a[0]);
        AnnotationConfigApplicationContext c = new AnnotationConfigApplicationContext();
        c.setAllowCircularReferences(true);
        c.register(Cfg.class);
        c.refresh();
        RestfulServer s = new RestfulServer(c.getBean(FhirContext.class));
        s.registerProviders(c.getBean(ResourceProviderFactory.class).createProviders());
        s.registerProvider(c.getBean(JpaSystemProvider.class));
        s.registerProvider(c.getBean(BulkDataExportProvider.class));
        s.registerProvider(c.getBean(IpsOperationProvider.class));
        DatabaseBackedPagingProvider pg = c.getBean(DatabaseBackedPagingProvider.class);
        pg.setDefaultPageSize(Integer.getInteger("page", 20));
        pg.setMaximumPageSize(Integer.getInteger("maxpage", 200));
        s.setPagingProvider(pg);
        s.setDefaultResponseEncoding(EncodingEnum.JSON);
        s.setDefaultPrettyPrint(false);
        s.setServerAddressStrategy(new IncomingRequestAddressStrategy());
        @SuppressWarnings("unchecked") IFhirSystemDao<?, ?> sys = c.getBean(IFhirSystemDao.class);
        s.setServerConformanceProvider(
            new JpaCapabilityStatementProvider(s, sys, c.getBean(JpaStorageSettings.class),
                c.getBean(ISearchParamRegistry.class), c.getBean(IValidationSupport.class)));
        Tomcat t = new Tomcat();
        t.setBaseDir(System.getProperty("java.io.tmpdir"));
        t.setPort(port);
        t.getConnector().setProperty("address", "127.0.0.1");
        t.getConnector().setMaxPostSize(-1);
        Context x =
            t.addContext("", new File(System.getProperty("java.io.tmpdir")).getAbsolutePath());
        Tomcat.addServlet(x, "fhir", s).setLoadOnStartup(1);
        x.addServletMappingDecoded("/fhir/*", "fhir");
        t.start();
        ca.uhn.fhir.batch2.api.IJobMaintenanceService m =
            c.getBean(ca.uhn.fhir.batch2.api.IJobMaintenanceService.class);
        Thread k = new Thread(() -> {
            while (true) try {
                    Thread.sleep(500);
                    m.forceMaintenancePass();
                } catch (InterruptedException e) {
                    return;
                } catch (Throwable e) {
                }
        });
        k.setDaemon(true);
        k.start();
        System.err.printf(
            "ready http://127.0.0.1:%d/fhir after %.1f s%n", port, (System.nanoTime() - t0) / 1e9);
        t.getServer().await();
    }
}
