// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/foreignformats.h"

#include "import/common/jsonkeys.h"
#include "import/common/protowire.h"

#include <string>

using namespace std::string_view_literals;

namespace tailscope::import {

namespace {

struct Rule
{
    bool (*matches)(std::string_view prefix);
    ForeignFormat format;
};

bool has(std::string_view prefix, std::string_view text)
{
    return prefix.find(text) != std::string_view::npos;
}

bool isOneOf(char c, std::string_view set) { return c != '\0' && set.find(c) != std::string_view::npos; }

/// PROTO 2..5, then an opcode that a pickle begins with.
bool isPickle(std::string_view p)
{
    return p.size() > 2 && p[0] == '\x80' && p[1] >= 2 && p[1] <= 5 && isOneOf(p[2], "\x95}](cXUKMJN\x8c"sv);
}

/// pstats.dump_stats(): a dict whose first key is a tuple of three.
bool isPstats(std::string_view p)
{
    return p.size() > 3 && (p[0] == '{' || p[0] == '\xFB')
        && (((p[1] == ')' || p[1] == '\xA9') && p[2] == 3)
            || ((p[1] == '(' || p[1] == '\xA8') && p.substr(2, 4) == "\3\0\0\0"sv));
}

/// Packets (field 1) that hold a time (8), a sequence (10) or the mark that Perfetto puts between buffers.
bool isPerfetto(std::string_view p)
{
    if (has(p, "\x82\x47\x7A\x76\xB2\x8D\x42\xBA\x81\xDC\x33\x32\x6D\x57\xA0\x79"sv))
        return true;
    ProtoFields packets(p);
    ProtoField packet;
    int good = 0;
    while (packets.next(packet)) {
        if (packet.number != 1 || packet.wire != ProtoField::Wire::Bytes)
            return false;
        ProtoFields fields(packet.bytes);
        ProtoField field;
        bool mark = false;
        while (fields.next(field))
            mark |= field.wire == ProtoField::Wire::Varint && (field.number == 8 || field.number == 10);
        if (fields.broken() || !mark)
            return false;
        ++good;
    }
    return good >= 2;
}

/// The binary CPU profile of gperftools: words 0, 3, 0 and the period.
bool isGperftoolsCpu(std::string_view p)
{
    constexpr std::string_view k64 = "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;
    constexpr std::string_view k32 = "\0\0\0\0\3\0\0\0\0\0\0\0"sv;
    return p.starts_with(k64) || (p.starts_with(k32) && p.size() > 16 && p.substr(12, 4) != "\0\0\0\0"sv);
}

/// Firefox keeps its tables in columns under "threads", behind a head "meta".
bool isFirefox(std::string_view p)
{
    JsonKeyScan scan(p);
    JsonKey key;
    if (firstSignificant(p) != '{' || !scan.next(key))
        return false;
    const bool meta = key.name == "meta" && key.valueStart == '{'
        && (has(p, "\"preprocessedProfileVersion\"") || has(p, "\"processType\"") || has(p, "\"stackwalk\"")
            || has(p, "\"interval\"") || has(p, "\"categories\""));
    // The recordings of the developer tools of old versions.
    const bool recording = key.name == "label" && has(p, "\"duration\"") && has(p, "\"markers\"");
    return meta || recording;
}

bool isCloudTrace(std::string_view p)
{
    JsonKeyScan scan(p);
    JsonKey key;
    bool project = false, trace = false, spans = false;
    while (scan.next(key)) {
        project |= key.depth <= 3 && key.name == "projectId";
        trace |= key.depth <= 3 && key.name == "traceId";
        spans |= key.depth <= 3 && key.name == "spans";
    }
    return project && trace && spans;
}

/// A record of kind 0 (Run), then the version as a string with its length.
bool isGatlingBinary(std::string_view p)
{
    if (p.size() < 12 || p.substr(0, 4) != "\0\0\0\0"sv || p[4] < 5 || p[4] > 32)
        return false;
    return p[5] >= '1' && p[5] <= '9' && p[6] == '.' && p[7] >= '0' && p[7] <= '9';
}

/// A stream of Go's gob whose first type is vegeta's Result.
bool isVegetaGob(std::string_view p)
{
    const std::string_view head = p.substr(0, 512);
    return has(head, "Result") && has(head, "Attack") && has(head, "Latency") && has(head, "BytesOut")
        && has(head, "\xFF"sv);
}

constexpr std::string_view kPprof = "go tool pprof -proto FILE > out.pb.gz";

const Rule kRules[] = {
    {[](std::string_view p) { return p.size() > 262 && p.substr(257, 5) == "ustar"; },
        {"tar", "a tar archive inside an archive, or one that came through a pipe",
            "tar -xf FILE; a tar file on disk is opened as it is"}},
    {isPickle,
        {"python-pickle", "a Python pickle, a program for Python's unpickler that nobody should run unseen",
            "write the data as JSON in the program that made it (pyinstrument: -r json; py-spy: -f "
            "speedscope)"}},
    {isPstats,
        {"python-pstats", "a profile of Python's cProfile (marshal)",
            "flameprof FILE > out.svg shows it; for stacks profile with pyinstrument -r json or py-spy "
            "record -f "
            "speedscope"}},
    {[](std::string_view p) { return p.starts_with("\xAC\xED\0\5"sv); },
        {"java-serialized",
            "a stream of serialized Java objects, which only the program that wrote it should load",
            "export the data as JSON or CSV from that program"}},
    {[](std::string_view p) { return p.starts_with("FLR\0"sv); },
        {"jfr", "a recording of Java Flight Recorder",
            "jfrconv -o collapsed FILE out.collapsed (async-profiler), or jfr print --json --events "
            "jdk.ExecutionSample FILE"}},
    {[](std::string_view p) { return p.starts_with("JAVA PROFILE 1.0"); },
        {"java-heap-dump", "a heap dump of a Java machine",
            "heap dumps hold objects, not time: use a heap analyser"}},
    {[](std::string_view p) {
         return p.starts_with("PERFILE2") || p.starts_with("2ELIFREP") || p.starts_with("PERFFILE");
     },
        {"perf-data", "a perf.data file", "perf script -i FILE > out.perf on the machine that recorded it"}},
    {[](std::string_view p) { return p.starts_with("go 1.") && has(p.substr(0, 32), " trace\0"sv); },
        {"go-trace", "an execution trace of Go",
            "go tool trace -pprof=sched FILE > out.pb.gz (also net, sync, syscall)"}},
    {[](std::string_view p) {
         return p.starts_with("Trace Go1.") || has(p.substr(0, 4096), "-- trace --\nTrace Go1.");
     },
        {"go-trace-text", "an execution trace of Go as text",
            "go tool trace -pprof=sched of the binary trace > out.pb.gz (also net, sync, syscall)"}},
    {[](std::string_view p) { return p.starts_with("Nettrace"); },
        {"nettrace", "a trace of .NET's EventPipe", "dotnet-trace convert FILE --format speedscope"}},
    {[](std::string_view p) {
         return has(p.substr(0, 4096), "<trace-toc") || has(p.substr(0, 4096), "<trace-query-result");
     },
        {"xctrace", "an export of Instruments (xctrace)",
            "instruments users: samply record, or inferno-collapse-xctrace FILE > out.collapsed"}},
    {[](std::string_view p) {
         return p.starts_with("tlZ\4"sv) || p.starts_with("tZst"sv) || p.starts_with("tracy\0"sv)
             || p.starts_with("trac\2"sv);
     },
        {"tracy", "a capture of Tracy, which only the same version of Tracy reads",
            "tracy-csvexport FILE > out.csv for tables; import-chrome goes the other way only"}},
    {isPerfetto,
        {"perfetto", "a Perfetto trace (protobuf)", "traceconv json FILE out.json (Perfetto's converter)"}},
    {[](std::string_view p) {
         return has(p.substr(0, 4096), "# tracer:") || has(p.substr(0, 512), "TRACE:\n# ");
     },
        {"ftrace-text", "text of the kernel's ftrace (systrace)",
            "open it in ui.perfetto.dev, or traceconv json FILE out.json"}},
    {[](std::string_view p) {
         return (has(p.substr(0, 512), "<html") || has(p.substr(0, 512), "<!DOCTYPE html"))
             && (has(p, "trace-viewer") || has(p, "systrace") || has(p, "linuxPerfData")
                 || has(p, "# tracer"));
     },
        {"trace-html", "a trace inside an HTML page (systrace, trace-viewer)",
            "record as JSON, or let traceconv json FILE out.json unpack it"}},
    {[](std::string_view p) {
         return p.starts_with("--- contention") || p.starts_with("--- heapz ")
             || p.starts_with("--- growthz ") || p.starts_with("--- threadz ")
             || p.starts_with("--- Memory map") || p.starts_with("--- mutex:");
     },
        {"pprof-text", "a profile in pprof's old text form", kPprof}},
    {[](std::string_view p) {
         return p.starts_with("threadcreate profile:") || p.starts_with("goroutine profile:");
     },
        {"pprof-text-threads", "a profile of goroutines or threads in pprof's old text form", kPprof}},
    {isGperftoolsCpu,
        {"gperftools-cpu", "a CPU profile of gperftools",
            "pprof -proto PROGRAM FILE > out.pb.gz, or pprof --collapsed PROGRAM FILE > out.collapsed"}},
    {[](std::string_view p) { return p.starts_with("gmon\1\0\0\0"sv) || p.starts_with("gmon\0\0\0\1"sv); },
        {"gmon", "a profile of gprof", "gprof PROGRAM FILE prints it; for stacks record with perf"}},
    {[](std::string_view p) {
         return p.starts_with("\xC1\x1F\xFC\xC1"sv) || p.starts_with("\xC1\xFC\x1F\xC1"sv)
             || p.starts_with("/* CTF 1.8");
     },
        {"lttng-ctf", "a CTF trace of LTTng",
            "babeltrace2 DIRECTORY > out.txt, or open it in Trace Compass"}},
    {[](std::string_view p) { return p.starts_with("v8-version,"); },
        {"v8-log", "a log of V8 (node --prof)", "node --cpu-prof writes a profile that is read as it is"}},
    {[](std::string_view p) {
         return p.starts_with("{\"snapshot\":{\"meta\"")
             || (firstSignificant(p) == '{' && has(p.substr(0, 512), "\"trace_function_count\""));
     },
        {"v8-heap-snapshot", "a heap snapshot of V8",
            "snapshots hold objects, not time: node --heap-prof writes a profile of allocations"}},
    {[](std::string_view p) { return p.starts_with("\4\x08{"sv); },
        {"ruby-marshal", "a dump of Ruby's Marshal (stackprof)", "stackprof --json FILE > out.json"}},
    {[](std::string_view p) { return p.starts_with("a:") && has(p.substr(0, 64), ":{s:"); },
        {"php-serialized", "serialized PHP data (xhprof)", "write json_encode(xhprof_disable()) instead"}},
    {isFirefox,
        {"firefox", "a profile of Firefox or samply",
            "samply users: perf script; Firefox: record with MOZ_PROFILER and export with pq, or open it in "
            "profiler.firefox.com"}},
    {isCloudTrace,
        {"google-cloud-trace", "a trace of the Google Cloud Trace API",
            "send it through the OpenTelemetry collector and its file exporter"}},
    {[](std::string_view p) { return p.starts_with("SQLite format 3"); },
        {"sqlite", "an SQLite database", "when it is a workspace, open it instead of importing it"}},
    {[](std::string_view p) { return p.starts_with("PGDMP"); },
        {"pg-dump", "a dump of PostgreSQL", "restore it and attach to the server"}},
    {isGatlingBinary,
        {"gatling-binary", "a binary simulation.log of Gatling 3.12 or later, a form of its own",
            "run the simulation with Gatling 3.11 or earlier, whose simulation.log is text, or add the "
            "graphite "
            "data writer in gatling.conf and import its series"}},
    {isVegetaGob,
        {"vegeta-gob", "results of vegeta in Go's gob", "vegeta encode -to json FILE > results.json"}},
    {[](std::string_view p) { return p.starts_with("PAR1"); },
        {"parquet", "a Parquet file", "write it as CSV (duckdb -c \"COPY (FROM 'FILE') TO 'out.csv'\")"}},
    {[](std::string_view p) {
         return p.starts_with("\x7F"
                              "ELF"sv);
     },
        {"elf", "a program", "import what it wrote"}},
    {[](std::string_view p) { return p.starts_with("%PDF"); },
        {"pdf", "a PDF document", "import the data behind it"}},
    {[](std::string_view p) { return p.starts_with("\x89PNG"sv); },
        {"png", "a picture", "import the data behind it"}},
    {[](std::string_view p) {
         return p.starts_with("\xFD"
                              "7zXZ"sv);
     },
        {"xz", "a file compressed with xz", "inflate it: xz -d FILE"}},
    {[](std::string_view p) { return p.starts_with("BZh"); },
        {"bzip2", "a file compressed with bzip2", "inflate it: bzip2 -d FILE"}},
    {[](std::string_view p) { return p.starts_with("7z\xBC\xAF"sv); },
        {"7z", "a 7z archive", "unpack it: 7z x FILE"}},
};

} // namespace

const ForeignFormat *foreignFormat(std::string_view prefix)
{
    for (const Rule &rule : kRules) {
        if (rule.matches(prefix))
            return &rule.format;
    }
    return nullptr;
}

} // namespace tailscope::import
