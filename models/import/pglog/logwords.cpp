// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logwords.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace tailscope::import::pglog {

namespace {

struct Translation
{
    std::string_view text;
    Word word;
};

// From the server's message catalogues: en de fr es it pt ru uk ja zh_CN zh_TW ko sv pl tr cs.
constexpr auto kWords = std::to_array<Translation>({
    {"DEBUG", Word::Debug},
    {"DEBUG1", Word::Debug},
    {"DEBUG2", Word::Debug},
    {"DEBUG3", Word::Debug},
    {"DEBUG4", Word::Debug},
    {"DEBUG5", Word::Debug},
    {"ОТЛАДКА", Word::Debug},
    {"НАЛАГОДЖЕННЯ", Word::Debug},
    {"调试", Word::Debug},
    {"除錯", Word::Debug},
    {"디버그", Word::Debug},
    {"INFO", Word::Info},
    {"ИНФОРМАЦИЯ", Word::Info},
    {"ІНФОРМАЦІЯ", Word::Info},
    {"信息", Word::Info},
    {"資訊", Word::Info},
    {"정보", Word::Info},
    {"NOTICE", Word::Notice},
    {"HINWEIS", Word::Notice},
    {"NOTIFICA", Word::Notice},
    {"NOTA", Word::Notice},
    {"ЗАМЕЧАНИЕ", Word::Notice},
    {"ПОВІДОМЛЕННЯ", Word::Notice},
    {"注意", Word::Notice},
    {"알림", Word::Notice},
    {"NOTIS", Word::Notice},
    {"UWAGA", Word::Notice},
    {"WARNING", Word::Warning},
    {"WARNUNG", Word::Warning},
    {"ATTENTION", Word::Warning},
    {"ATENCIÓN", Word::Warning},
    {"ATTENZIONE", Word::Warning},
    {"AVISO", Word::Warning},
    {"ПРЕДУПРЕЖДЕНИЕ", Word::Warning},
    {"ПОПЕРЕДЖЕННЯ", Word::Warning},
    {"警告", Word::Warning},
    {"경고", Word::Warning},
    {"VARNING", Word::Warning},
    {"OSTRZEŻENIE", Word::Warning},
    {"UYARI", Word::Warning},
    {"VAROVÁNÍ", Word::Warning},
    {"ERROR", Word::Error},
    {"FEHLER", Word::Error},
    {"ERREUR", Word::Error},
    {"ERRORE", Word::Error},
    {"ERRO", Word::Error},
    {"ОШИБКА", Word::Error},
    {"ПОМИЛКА", Word::Error},
    {"エラー", Word::Error},
    {"错误", Word::Error},
    {"錯誤", Word::Error},
    {"오류", Word::Error},
    {"FEL", Word::Error},
    {"BŁĄD", Word::Error},
    {"HATA", Word::Error},
    {"CHYBA", Word::Error},
    {"LOG", Word::Log},
    {"СООБЩЕНИЕ", Word::Log},
    {"ЗАПИСУВАННЯ", Word::Log},
    {"日志", Word::Log},
    {"日誌", Word::Log},
    {"로그", Word::Log},
    {"LOGG", Word::Log},
    {"DZIENNIK", Word::Log},
    {"FATAL", Word::Fatal},
    {"FATALE", Word::Fatal},
    {"ВАЖНО", Word::Fatal},
    {"ФАТАЛЬНО", Word::Fatal},
    {"致命错误", Word::Fatal},
    {"致命錯誤", Word::Fatal},
    {"치명적오류", Word::Fatal},
    {"FATALT", Word::Fatal},
    {"KATASTROFALNY", Word::Fatal},
    {"ÖLÜMCÜL", Word::Fatal},
    {"PANIC", Word::Panic},
    {"PANIK", Word::Panic},
    {"PANICO", Word::Panic},
    {"PÂNICO", Word::Panic},
    {"ПАНИКА", Word::Panic},
    {"ПАНІКА", Word::Panic},
    {"灾难性错误", Word::Panic},
    {"嚴重錯誤", Word::Panic},
    {"손상", Word::Panic},
    {"PANIKA", Word::Panic},
    {"DETAIL", Word::Detail},
    {"DÉTAIL", Word::Detail},
    {"DETALLE", Word::Detail},
    {"DETTAGLI", Word::Detail},
    {"DETALHE", Word::Detail},
    {"ПОДРОБНОСТИ", Word::Detail},
    {"ВІДОМОСТІ", Word::Detail},
    {"詳細", Word::Detail},
    {"详情", Word::Detail},
    {"詳情", Word::Detail},
    {"상세정보", Word::Detail},
    {"DETALJ", Word::Detail},
    {"SZCZEGÓŁY", Word::Detail},
    {"AYRINTI", Word::Detail},
    {"HINT", Word::Hint},
    {"TIPP", Word::Hint},
    {"ASTUCE", Word::Hint},
    {"SUGERENCIA", Word::Hint},
    {"SUGGERIMENTO", Word::Hint},
    {"DICA", Word::Hint},
    {"ПОДСКАЗКА", Word::Hint},
    {"УКАЗІВКА", Word::Hint},
    {"ヒント", Word::Hint},
    {"提示", Word::Hint},
    {"힌트", Word::Hint},
    {"TIPS", Word::Hint},
    {"PODPOWIEDŹ", Word::Hint},
    {"İPUCU", Word::Hint},
    {"QUERY", Word::Query},
    {"ANFRAGE", Word::Query},
    {"REQUÊTE", Word::Query},
    {"CONSULTA", Word::Query},
    {"ЗАПРОС", Word::Query},
    {"ЗАПИТ", Word::Query},
    {"問い合わせ", Word::Query},
    {"查询", Word::Query},
    {"查詢", Word::Query},
    {"쿼리", Word::Query},
    {"FRÅGA", Word::Query},
    {"ZAPYTANIE", Word::Query},
    {"SORGU", Word::Query},
    {"CONTEXT", Word::Context},
    {"ZUSAMMENHANG", Word::Context},
    {"CONTEXTE", Word::Context},
    {"CONTEXTO", Word::Context},
    {"CONTESTO", Word::Context},
    {"КОНТЕКСТ", Word::Context},
    {"文脈", Word::Context},
    {"コンテキスト", Word::Context},
    {"上下文", Word::Context},
    {"背景", Word::Context},
    {"내용", Word::Context},
    {"KONTEXT", Word::Context},
    {"KONTEKST", Word::Context},
    {"STATEMENT", Word::Statement},
    {"ANWEISUNG", Word::Statement},
    {"INSTRUCTION", Word::Statement},
    {"SENTENCIA", Word::Statement},
    {"ISTRUZIONE", Word::Statement},
    {"COMANDO", Word::Statement},
    {"ОПЕРАТОР", Word::Statement},
    {"ІНСТРУКЦІЯ", Word::Statement},
    {"文", Word::Statement},
    {"ステートメント", Word::Statement},
    {"语句", Word::Statement},
    {"陳述式", Word::Statement},
    {"명령 구문", Word::Statement},
    {"SATS", Word::Statement},
    {"WYRAŻENIE", Word::Statement},
    {"LOCATION", Word::Location},
    {"ORT", Word::Location},
    {"EMPLACEMENT", Word::Location},
    {"UBICACIÓN", Word::Location},
    {"POSIZIONE", Word::Location},
    {"ПОЛОЖЕНИЕ", Word::Location},
    {"РОЗТАШУВАННЯ", Word::Location},
    {"場所", Word::Location},
    {"位置", Word::Location},
    {"위치", Word::Location},
    {"PLATS", Word::Location},
    {"BACKTRACE", Word::Backtrace},
    {"PILE D'APPEL", Word::Backtrace},
    {"СТЕК", Word::Backtrace},
    {"ВІДСТЕЖУВАТИ", Word::Backtrace},
    {"バックトレース", Word::Backtrace},
    {"回溯", Word::Backtrace},
    {"역추적", Word::Backtrace},
});

constexpr std::size_t kLongestWord = 32;

constexpr auto kDurations = std::to_array<std::string_view>({"duration: ", "Dauer: ", "durée : ",
    "duración: ", "durata: ", "duração: ", "продолжительность: ", "тривалість: ", "期間: ", "耗时: ",
    "持续时间: ", "실행시간: ", "수행시간: ", "varaktighet: ", "varaktighet "});

struct PhaseWord
{
    std::string_view text;
    Phase phase;
};
constexpr auto kPhases = std::to_array<PhaseWord>({
    {"statement", Phase::Statement},
    {"Anweisung", Phase::Statement},
    {"instruction", Phase::Statement},
    {"sentencia", Phase::Statement},
    {"istruzione", Phase::Statement},
    {"comando", Phase::Statement},
    {"оператор", Phase::Statement},
    {"文", Phase::Statement},
    {"语句", Phase::Statement},
    {"명령 구문", Phase::Statement},
    {"sats", Phase::Statement},
    {"parse", Phase::Parse},
    {"Parsen", Phase::Parse},
    {"analyse", Phase::Parse},
    {"analisi di", Phase::Parse},
    {"разбор", Phase::Parse},
    {"аналізування", Phase::Parse},
    {"パース", Phase::Parse},
    {"解析", Phase::Parse},
    {"bind", Phase::Bind},
    {"Binden", Phase::Bind},
    {"lien", Phase::Bind},
    {"сообщение Bind", Phase::Bind},
    {"повідомлення bind", Phase::Bind},
    {"バインド", Phase::Bind},
    {"绑定", Phase::Bind},
    {"execute", Phase::Execute},
});

const std::unordered_map<std::string_view, Word> &words()
{
    static const auto map = [] {
        std::unordered_map<std::string_view, Word> made;
        for (const Translation &translation : kWords)
            made.emplace(translation.text, translation.word);
        return made;
    }();
    return map;
}

bool isWordByte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

/// French has a (no-break) blank before the colon.
std::string_view withoutBlanks(std::string_view word)
{
    for (;;) {
        if (word.ends_with(' '))
            word.remove_suffix(1);
        else if (word.ends_with("\u00A0") || word.ends_with("\u202F"))
            word.remove_suffix(word.ends_with("\u00A0") ? 2 : 3);
        else
            return word;
    }
}

} // namespace

std::string_view severityText(Word level)
{
    constexpr std::array<std::string_view, 9> kTexts{"", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "LOG",
        "FATAL", "PANIC"};
    return isLevel(level) ? kTexts[static_cast<std::size_t>(level)] : std::string_view();
}

Word levelOf(std::string_view word)
{
    const auto found = words().find(trimmed(word));
    return found != words().end() && isLevel(found->second) ? found->second : Word::None;
}

WordPlace wordAt(std::string_view line, std::size_t at)
{
    const std::string_view rest = line.substr(std::min(at, line.size()), kLongestWord);
    // Nearly all lines: no table needed.
    if (rest.starts_with("LOG:  "))
        return {Word::Log, at, at + 6};
    const unsigned char first = rest.empty() ? 0 : static_cast<unsigned char>(rest.front());
    if (first < 'A' || (first > 'Z' && first < 0x80))
        return {};
    const std::size_t wide = rest.find("\uFF1A");
    const std::size_t colon = std::min(rest.find(':'), wide);
    if (colon == std::string_view::npos)
        return {};
    const auto found = words().find(withoutBlanks(rest.substr(0, colon)));
    if (found == words().end())
        return {};
    std::size_t text = at + colon + (colon == wide ? 3 : 1);
    const std::size_t blanks = text;
    while (text < line.size() && line[text] == ' ' && text < blanks + 2)
        ++text;
    if (text == blanks && text < line.size() && colon != wide)
        return {};
    return {found->second, at, text};
}

WordPlace findLevel(std::string_view line)
{
    for (std::size_t colon = line.find(":  "); colon != std::string_view::npos;
         colon = line.find(":  ", colon + 1)) {
        const std::string_view before = line.substr(0, colon);
        for (const Translation &translation : kWords) {
            if (!isLevel(translation.word) || !before.ends_with(translation.text))
                continue;
            const std::size_t begin = colon - translation.text.size();
            if (begin == 0 || !isWordByte(line[begin - 1]))
                return {translation.word, begin, colon + 3};
        }
    }
    return {};
}

std::size_t durationWord(std::string_view message)
{
    for (const std::string_view word : kDurations) {
        if (message.starts_with(word))
            return word.size();
    }
    return 0;
}

Phase phaseAt(std::string_view text, std::size_t &length)
{
    for (const PhaseWord &word : kPhases) {
        if (!text.starts_with(word.text))
            continue;
        const std::string_view rest = text.substr(word.text.size());
        const bool ends = rest.starts_with(' ') || rest.starts_with(':') || word.phase == Phase::Parse;
        if (!ends)
            continue;
        length = word.text.size();
        return word.phase;
    }
    length = 0;
    return Phase::None;
}

} // namespace tailscope::import::pglog
