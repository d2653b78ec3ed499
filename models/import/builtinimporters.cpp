// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/importer.h"

#include "import/accesslog/accesslog.h"
#include "import/budgettoml/budgettoml.h"
#include "import/callgrind/callgrind.h"
#include "import/chrometrace/chrometrace.h"
#include "import/cloudwatch/cloudwatch.h"
#include "import/collapsed/collapsed.h"
#include "import/cprofile/cprofile.h"
#include "import/cpuprofile/cpuprofile.h"
#include "import/csvseries/csvseries.h"
#include "import/csvtable/csvtable.h"
#include "import/curltimings/curltimings.h"
#include "import/d3flame/d3flame.h"
#include "import/dbconfig/dbconfig.h"
#include "import/eventmarkers/eventmarkers.h"
#include "import/explain/explain.h"
#include "import/explainother/explainother.h"
#include "import/firefox/firefox.h"
#include "import/gclog/gclog.h"
#include "import/gitlog/gitlog.h"
#include "import/grafanacsv/grafanacsv.h"
#include "import/har/har.h"
#include "import/heapprofile/heapprofile.h"
#include "import/hoststats/hoststats.h"
#include "import/jaegerjson/jaegerjson.h"
#include "import/loadtestab/ab.h"
#include "import/loadtestgatling/gatling.h"
#include "import/loadtesthdr/hdr.h"
#include "import/loadtesthey/hey.h"
#include "import/loadtestjtl/jtl.h"
#include "import/loadtestk6/k6.h"
#include "import/loadtestlocust/locust.h"
#include "import/loadtestpgbench/pgbench.h"
#include "import/loadtestvegeta/vegeta.h"
#include "import/loadtestwrk/wrk.h"
#include "import/migrationsql/migrationsql.h"
#include "import/otlpjson/otlpjson.h"
#include "import/otlpproto/otlpproto.h"
#include "import/patroni/patroni.h"
#include "import/perfscript/perfscript.h"
#include "import/pgcatalog/pgcatalog.h"
#include "import/pglog/pglog.h"
#include "import/pgstatstatements/pgstatstatements.h"
#include "import/poolerconsole/poolerconsole.h"
#include "import/poollog/poollog.h"
#include "import/pprof/pprof.h"
#include "import/pproflegacy/pproflegacy.h"
#include "import/prometheus/prometheus.h"
#include "import/pyinstrument/pyinstrument.h"
#include "import/queuelag/queuelag.h"
#include "import/speedscope/speedscope.h"
#include "import/stackprof/stackprof.h"
#include "import/statsd/statsd.h"
#include "import/topology/topology.h"
#include "import/zipkinjson/zipkinjson.h"

#include <array>

namespace tailscope::import {

std::span<const Importer *const> builtinImporters()
{
    // In order of detection: what is sniffed by a key of its own comes before what is told by shape.
    static const std::array importers{
        &otlpJsonImporter(),
        &prometheusQueryImporter(),
        &cloudWatchImporter(),
        &jaegerJsonImporter(),
        &zipkinJsonImporter(),
        &harImporter(),
        &curlTimingsImporter(),
        &k6JsonImporter(),
        &k6CsvImporter(),
        &k6SummaryImporter(),
        &jmeterCsvImporter(),
        &jmeterXmlImporter(),
        &gatlingImporter(),
        &locustImporter(),
        &vegetaJsonImporter(),
        &vegetaCsvImporter(),
        &vegetaTextImporter(),
        &vegetaReportImporter(),
        &wrkImporter(),
        &hgrmImporter(),
        &hlogImporter(),
        &abTextImporter(),
        &abGnuplotImporter(),
        &abPercentilesImporter(),
        &heyTextImporter(),
        &heyCsvImporter(),
        &pgbenchOutputImporter(),
        &pgbenchLogImporter(),
        &pgbenchAggregateImporter(),
        &chromeTraceImporter(),
        &explainMysqlJsonImporter(),
        &explainJsonImporter(),
        &speedscopeImporter(),
        &firefoxImporter(),
        &cpuProfileImporter(),
        &heapProfileImporter(),
        &pprofImporter(),
        &otlpProtoImporter(),
        &pprofLegacyImporter(),
        &pyinstrumentImporter(),
        &stackprofImporter(),
        &callgrindImporter(),
        &cprofileImporter(),
        &pgbouncerLogImporter(),
        &hikariLogImporter(),
        &postgresJsonLogImporter(),
        &postgresCsvLogImporter(),
        &postgresSyslogImporter(),
        &postgresLogImporter(),
        &gcLogImporter(),
        &vmstatImporter(),
        &sysstatImporter(),
        &cgroupCpuStatImporter(),
        &eventMarkersImporter(),
        &topologyImporter(),
        &pgbouncerIniImporter(),
        &postgresqlConfImporter(),
        &hikariConfigImporter(),
        &gitLogImporter(),
        &patroniImporter(),
        &poolerConsoleImporter(),
        &kafkaGroupsImporter(),
        &queueTableImporter(),
        &budgetTomlImporter(),
        &pgCatalogImporter(),
        &explainMysqlTreeImporter(),
        &explainMysqlTableImporter(),
        &explainSqliteImporter(),
        &csvSeriesImporter(),
        &grafanaCsvImporter(),
        &statsdImporter(),
        &prometheusTextImporter(),
        &csvTableImporter(),
        &pgStatStatementsImporter(),
        &explainTextImporter(),
        &explainXmlImporter(),
        &explainYamlImporter(),
        &migrationSqlImporter(),
        &perfScriptImporter(),
        &accessLogImporter(),
        &requestLogImporter(),
        &collapsedImporter(),
        &d3FlameImporter(),
    };
    return importers;
}

const Importer *importerById(std::string_view id)
{
    for (const Importer *importer : builtinImporters()) {
        if (importer->descriptor().id == id)
            return importer;
    }
    return nullptr;
}

const Importer *sniffImporter(std::string_view prefix, std::string_view fileName)
{
    prefix = prefix.substr(0, kSniffBytes);
    const Importer *best = nullptr;
    Confidence bestConfidence = Confidence::No;
    for (const Importer *importer : builtinImporters()) {
        const Confidence confidence = importer->sniff(prefix, fileName);
        if (confidence > bestConfidence) {
            best = importer;
            bestConfidence = confidence;
        }
    }
    return best;
}

} // namespace tailscope::import
