// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/planvocabulary.h"

#include "base/text.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace tailscope::report {

namespace {

using Words = std::unordered_set<std::string_view>;

Words wordsOf(std::string_view list)
{
    Words words;
    for (const std::string_view word : split(list, ' '))
        words.insert(word);
    return words;
}

/// Small letters; split at blanks. Words of several engines stand together: they only must not be a name.
constexpr std::string_view kPlanWords
    = "records record direction forward copy hashagg call misses resolution runtime skipped noticed "
      "matching group-by select_type logical name names alias member child children constraint executed "
      "progress still volume i o xmlns "
      "access actual advice aggregate aggregated algorithms all allocated alternatives analyze anti any "
      "append arbiter async automatic aware average avg backward based batch batches bitmap bitmapand "
      "bitmapor bka block blocks bloom bnl buckets buffer buffers by bytes cache calls capable capacity "
      "chunk "
      "coarse combine command compound cond condition conflict conflicting confluence const constant "
      "constantrow correlated cost cost_info costs count cover covering cte custom cutoff data deduplicate "
      "deforming deform delete deleted dependent derived desc details detail dirtied disabled disk distance "
      "distinct duplicate duplicates duration emission enable end entry eq_ref estimates estimated evaluated "
      "evictions exact except exclusions execution exists explain expressions extra extern external fetches "
      "file filesort filter filtered filters final finalize first firstmatch flush for foreign format fpi "
      "from full fulltext func function functions gather generate generated generation group grouped "
      "groupaggregate "
      "grouping groups hash hashaggregate hashed hashes hashsetop having heap heapsort height hit hits i/o "
      "id identifier immediate impossible in incremental index index_condition index_merge index_subquery "
      "indexes info init initial initplan inlining inner input insert inserted instead integer intersect "
      "into invalidate "
      "invisible io is item items jit join key key_len keys kb kib last late lateral launched left left-most "
      "leftmost less "
      "level like limit list literal local location lock lockrows log lookup lookups loop loops loose "
      "loosescan lossy "
      "match matched material materialise materialize materialized max maximum maxima mb median memory "
      "memoize "
      "merge message method methods mib min minima mixed mixedaggregate mode modify modifytable ms "
      "mrr multi multi-index multi-range mysql named natural nested never new no node nodes none not notused "
      "null nulls number object of off offset old on once one one-time only operation optimized optimization "
      "optimize optimizer options or order original originally outer output over overflows parallel param "
      "parameter parameters params parent part partial partition partitioned partitions path peak per "
      "percent plain plan planned planner planning plans pre-sorted prefetch prefix presorted primary "
      "procedure process projectset provider pushed qual query quicksort range range_checked rank read "
      "reading recheck "
      "recursive ref ref_or_null reference regular relation relations relationship remote removed repeatable "
      "result "
      "returned returning returns revision reverse right right-join rollup root row rowid rows run "
      "sample sampling scalar scan scanned schema search searches seed select semi sec seq sequential "
      "serialization server set setop sets settings setup shared side simple single size skip "
      "sort sorted space spill startup static stats step storage store stored strategy stream string sub "
      "sub-query subplan subplans subqueries subquery subset supplied system table tables target temp "
      "temporary temptable text then tid time timing timings to top top-n total transaction tree trigger "
      "triggers true tuples tuplestore type uncacheable union unique unique_subquery unknown "
      "unlimited unmatched unordered unsharded update updated usage use used using value values version view "
      "virtual "
      "visible volatile wait waits wal weedout where width window windowagg windows with without work "
      "worker workers worktable write written xml yaml json zero false allow after before during "
      "each rowid_ordered unsorted start iterator iterative antijoin semijoin rematerialize enter sum "
      "product "
      "buffer_pool full-sort external-sort intermediate rightmost reorder reused cached co-routine "
      "b-tree constant checked map cond. array record selected returned. affected empty warning warnings";

constexpr std::string_view kSqlWords
    = "all analyse analyze and any array as asc asymmetric between both by case cast check collate column "
      "constraint create cross current current_date current_time current_timestamp current_user deallocate "
      "default deferrable delete desc distinct do else end escape except exists explain extract false fetch "
      "filter following for foreign from full glob grant group grouping groups having if ignore ilike in "
      "inner insert "
      "intersect interval into is isnull join lateral leading left like limit localtime localtimestamp lock "
      "match materialized merge natural not notnull nowait null nulls of offset on only or order outer over "
      "overlaps "
      "partition placing preceding primary range recursive references regexp returning right rlike rollup "
      "row rows "
      "select session_user set sets show similar skip some straight_join symmetric table then ties to "
      "trailing true "
      "truncate unbounded union unique update user using values variadic verbose when where window with "
      "within "
      "without xor zone partial subplan initplan";

constexpr std::string_view kFunctions
    = "abs age any array_agg array_length array_to_string avg bit_and bit_or bool_and bool_or btrim "
      "cardinality "
      "ceil ceiling char_length coalesce concat concat_ws convert count cume_dist date date_add date_format "
      "date_part date_sub date_trunc datediff dense_rank every exp extract first_value floor format "
      "from_unixtime generate_series greatest group_concat ifnull initcap json_agg json_each json_extract "
      "json_object json_array jsonb_agg jsonb_array_elements jsonb_build_object jsonb_each lag last_value "
      "lead least left length ln localtimestamp log lower lpad ltrim make_date make_interval max md5 min mod "
      "month now nth_value ntile nullif octet_length percent_rank percentile_cont percentile_disc position "
      "power "
      "random rank regexp_match regexp_matches regexp_replace repeat replace reverse right round row "
      "row_number row_to_json rpad rtrim sha256 sign similarity split_part sqrt stddev string_agg strpos "
      "strftime substr substring sum timeofday to_char to_date to_json to_jsonb to_number to_timestamp "
      "to_tsquery to_tsvector plainto_tsquery websearch_to_tsquery translate trim trunc unixepoch unnest "
      "upper "
      "variance width_bucket xmlagg year pg_sleep ts_rank cast binary in exists values rowid";

constexpr std::string_view kTypes
    = "anyarray bigint bigserial bit bool boolean bpchar box bytea char character cid cidr circle citext "
      "date datetime dec decimal double float float4 float8 hstore inet int int2 int4 int8 integer interval "
      "json jsonb jsonpath line lseg ltree macaddr mediumint money name numeric oid path pg_lsn point "
      "polygon "
      "precision real record refcursor regclass regconfig regproc regtype serial signed smallint text tid "
      "time "
      "timestamp timestamptz timetz tinyint tsquery tsrange tstzrange tsvector unknown unsigned uuid varbit "
      "varchar varying void with without xid xml year zone daterange int4range int8range numrange";

bool contains(const Words &words, std::string_view word) { return words.contains(toLowerAscii(word)); }

using Kinds = std::unordered_map<std::string_view, PlanValueKind>;

/// Names with blanks, in small letters. What is not here holds an expression, or numbers only.
const Kinds &kindsOfKeys()
{
    using enum PlanValueKind;
    static const Kinds kinds{{"relation name", Table}, {"relation", Table}, {"table", Table},
        {"alias", Table}, {"schema", Schema}, {"cte name", Table}, {"tuplestore name", Table},
        {"index name", Index}, {"conflict arbiter indexes", Index}, {"function name", Function},
        {"table function name", Function}, {"trigger name", Object}, {"constraint name", Object},
        {"subplan name", Subplan}, {"query text", Statement}, {"remote sql", Statement}, {"query", Statement},
        {"remote plan", Expression}, {"settings", Settings}, {"table name", Table}, {"key", Index},
        {"possible keys", Index}, {"used key parts", Object}, {"used columns", Object}, {"ref", Expression},
        {"partitions", Object}, {"node type", Figures}, {"parent relationship", Figures},
        {"join type", Figures}, {"strategy", Figures}, {"partial mode", Figures}, {"scan direction", Figures},
        {"sort method", Figures}, {"sort methods used", Figures}, {"sort space type", Figures},
        {"command", Figures}, {"operation", Figures}, {"cache mode", Figures}, {"storage", Figures},
        {"format", Figures}, {"custom plan provider", Figures}, {"conflict resolution", Figures},
        {"access type", Figures}, {"select type", Figures}, {"message", Figures},
        {"using join buffer", Figures}, {"type", Figures}, {"buffers", Figures}, {"i/o timings", Figures},
        {"wal", Figures}, {"heap blocks", Figures}, {"buckets", Figures}, {"batches", Figures},
        {"planning time", Figures}, {"execution time", Figures}, {"total runtime", Figures},
        {"timing", Figures}, {"options", Figures}, {"functions", Figures}, {"memory", Figures},
        {"full-sort groups", Figures}, {"pre-sorted groups", Figures}, {"hits", Figures},
        {"estimates", Figures}, {"serialization", Figures}, {"prefetch", Figures}, {"i/o", Figures},
        {"optimizer", Figures}, {"query identifier", Figures}, {"disabled", Figures},
        {"single copy", Figures}, {"inner unique", Figures}, {"heap fetches", Figures},
        {"index searches", Figures}, {"workers planned", Figures}, {"workers launched", Figures},
        {"planned partitions", Figures}, {"subplans removed", Figures}, {"tuples inserted", Figures},
        {"conflicting tuples", Figures}, {"params evaluated", Figures}, {"tuples", Figures},
        {"memory usage", Figures}, {"disk usage", Figures}, {"join algorithm", Figures},
        {"filesort", Figures}, {"time", Figures}, {"presorted groups", Figures},
        {"sort space used", Figures}};
    return kinds;
}

} // namespace

bool isPlanWord(std::string_view word)
{
    static const Words words = wordsOf(kPlanWords);
    return contains(words, word);
}

bool isSqlWord(std::string_view word)
{
    static const Words words = wordsOf(kSqlWords);
    return contains(words, word);
}

bool isCommonFunction(std::string_view word)
{
    static const Words words = wordsOf(kFunctions);
    return contains(words, word);
}

bool isCommonType(std::string_view word)
{
    static const Words words = wordsOf(kTypes);
    return contains(words, word);
}

PlanValueKind planValueKind(std::string_view key)
{
    std::string name = toLowerAscii(trimmed(key));
    if (name.starts_with("rows removed by ") || name.starts_with("worker "))
        return PlanValueKind::Figures;
    const Kinds &kinds = kindsOfKeys();
    if (const auto found = kinds.find(name); found != kinds.end())
        return found->second;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    // XML writes "I/O Read Time" as I-O-Read-Time.
    const auto found = kinds.find(name);
    return found != kinds.end() ? found->second : PlanValueKind::Expression;
}

} // namespace tailscope::report
