#include "config/suggest.hpp"
#include "config/units.hpp"
#include "proxy/cli/command.hpp"
#include "proxy/cli/manual.hpp"

#include <CLI/CLI.hpp>
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

namespace postern::cli {
namespace {

using config::reference_format;

const std::map<std::string, reference_format> formats{
    {"md", reference_format::markdown}, {"yaml", reference_format::yaml}, {"schema", reference_format::schema}};

// CLI11's own notes on an option (Excludes: ..., an ellipsis for what is no list) say less than the lines do.
class plain_formatter : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option* option) const override {
        return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
    }
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
        auto text = Formatter::make_help(app, std::move(name), mode);
        for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n")) text.erase(at, 1);
        return text;
    }
};

// "2" or "0.5" as a time; nothing when it is none, or no time to look again after.
std::optional<std::chrono::milliseconds> interval(const std::string& seconds) {
    double number = 0;
    const auto* end = seconds.data() + seconds.size();
    const auto read = std::from_chars(seconds.data(), end, number, std::chars_format::fixed);
    if (read.ec != std::errc() || read.ptr != end || !(number >= 0.1 && number <= 3600)) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(number * 1000));
}

// The command line as CLI11 sees it, and the values that it writes.
class grammar {
public:
    grammar() {
        app_.set_help_flag("-h,--help", "the manual");
        app_.add_flag("-V,--version", version_, "the version");
        app_.formatter(std::make_shared<plain_formatter>());
        app_.require_subcommand(0, 1);
        app_.allow_extras();
        for (const auto& verb : verbs()) add_verb(verb);
        add_serve();
        add_config_flag(*verbs_.at("check"));
        verbs_.at("check")->add_flag("--no-files", no_files_, "do not look into certificates and keys");
        add_config_flag(*verbs_.at("reload"));
        add_status();
        verbs_.at("demo")
            ->add_option("--listen", demo_listen_, "where to serve (127.0.0.1:8443)")
            ->type_name("ADDRESS");
        verbs_.at("reference")->add_option("--format", format_, "md, yaml or schema (md)")->type_name("FORMAT");
    }

    std::variant<command, answer> read(const std::vector<std::string>& arguments) {
        // CLI11 takes a vector's last element first.
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        try {
            app_.parse(std::move(reversed));
        } catch (const CLI::CallForHelp&) {
            return chosen() == nullptr ? answer{0, manual()} : answer{0, chosen()->help("postern")};
        } catch (const CLI::ParseError& e) {
            return wrong(e.what());
        }
        if (const auto extras = app_.remaining(true); !extras.empty()) return unknown(extras);
        if (version_) return answer{0, "postern " POSTERN_VERSION "\n"};
        if (chosen() == nullptr) return answer{EX_USAGE, manual()};
        return made();
    }

private:
    void add_verb(const verb_text& text) {
        auto* verb = app_.add_subcommand(std::string(text.name), std::string(text.about) + "\n");
        verb->set_help_flag("-h,--help", "this text");
        verb->footer(closing(text));
        verb->allow_extras();
        verbs_.emplace(text.name, verb);
    }

    void add_config_flag(CLI::App& verb) {
        verb.add_option("-c,--config", config_file_, "the configuration (" + std::string(default_config_file) + ")")
            ->type_name("FILE");
    }

    void add_serve() {
        auto& serve = *verbs_.at("serve");
        add_config_flag(serve);
        for (const auto& row : sidecar_flags()) {
            // One value an occurrence: `--cert a b` must not take b as a second certificate.
            serve.add_option(std::string(row.flag), flags_.*row.values, std::string(row.line))
                ->type_name(std::string(row.type))
                ->allow_extra_args(false)
                ->group("A sidecar without a file");
        }
    }

    void add_status() {
        auto& status = *verbs_.at("status");
        add_config_flag(status);
        status.add_option("--admin", admin_, "the admin listener itself: HOST:PORT or unix:/path")
            ->type_name("ADDRESS");
        status.add_option("--watch", watch_, "look again and again, each 2 s or SECONDS, until Ctrl-C")
            ->type_name("[SECONDS]")
            ->expected(0, 1)
            ->default_str("2");
        status.add_flag("--json", json_, "once, the JSON that the daemon answers");
    }

    [[nodiscard]] CLI::App* chosen() const {
        const auto all = app_.get_subcommands();
        return all.empty() ? nullptr : all.front();
    }

    [[nodiscard]] std::string config_file() const { return config_file_.empty() ? default_config_file : config_file_; }

    std::variant<command, answer> made() {
        const auto name = chosen()->get_name();
        if (config_given() && config_file_.empty()) return wrong("-c names no file");
        if (name == "serve") return made_serve();
        if (name == "check") return check_command{config_file(), !no_files_};
        if (name == "reload") return reload_command{config_file()};
        if (name == "status") return made_status();
        if (name == "demo") return made_demo();
        if (name == "version") return version_command{};
        const auto format = formats.find(format_);
        if (format == formats.end()) return wrong("--format: md, yaml or schema belongs here, not " + format_);
        return reference_command{format->second};
    }

    [[nodiscard]] bool given(const std::string& flag) const {
        const auto* option = chosen()->get_option_no_throw(flag);
        return option != nullptr && option->count() > 0;
    }

    [[nodiscard]] bool config_given() const { return given("--config"); }

    std::variant<command, answer> made_serve() {
        const auto given = [&](const sidecar_flag& row) { return !(flags_.*row.values).empty(); };
        const auto& rows = sidecar_flags();
        const auto first = std::find_if(rows.begin(), rows.end(), given);
        if (first == rows.end()) return serve_command{config_file(), {}};
        if (config_given()) return wrong("-c and " + std::string(first->flag) + " exclude each other");
        std::string missing;
        for (const auto& row : rows) {
            if (row.needed && !given(row)) missing += (missing.empty() ? "" : ", ") + std::string(row.flag);
            if (!row.many && (flags_.*row.values).size() > 1)
                return wrong(std::string(row.flag) + " stands here twice");
        }
        if (!missing.empty())
            return wrong(std::string(first->flag) + " is for a sidecar without a file, which needs " + missing +
                         " too");
        return serve_command{{}, flags_};
    }

    std::variant<command, answer> made_status() {
        status_command c{config_file(), {}, {}, json_};
        if (given("--admin")) {
            if (config_given()) return wrong("-c and --admin exclude each other");
            c.admin = config::parse_endpoint(admin_);
            if (!c.admin)
                return wrong("--admin: an address such as 127.0.0.1:9901 or unix:/path belongs here, not " + admin_);
        }
        if (given("--watch")) {
            if (json_) return wrong("--json and --watch exclude each other");
            c.watch = interval(watch_);
            if (!c.watch) return wrong("--watch: a number of seconds from 0.1 to 3600 belongs here, not " + watch_);
        }
        return c;
    }

    std::variant<command, answer> made_demo() {
        const auto address = config::parse_endpoint(demo_listen_);
        if (!address || address->type != config::endpoint::kind::tcp)
            return wrong("--listen: an address such as 127.0.0.1:8443 belongs here, not " + demo_listen_);
        return demo_command{*address};
    }

    // The first flag that nobody knows, or else the first word: what follows an unknown flag is mostly its value.
    answer unknown(const std::vector<std::string>& extras) {
        const auto flag = std::find_if(extras.begin(), extras.end(), [](const auto& e) { return e.starts_with("-"); });
        const bool is_flag = flag != extras.end();
        const auto& word = is_flag ? *flag : extras.front();
        std::vector<std::string> known;
        if (is_flag)
            for (const auto* option : (chosen() == nullptr ? &app_ : chosen())->get_options())
                for (const auto& name : option->get_lnames()) known.push_back("--" + name);
        else if (chosen() == nullptr)
            for (const auto& verb : verbs()) known.emplace_back(verb.name);
        const auto near = config::suggest(word.substr(0, word.find('=')), known);
        const std::string kind = is_flag               ? "unknown flag "
                                 : chosen() == nullptr ? "unknown verb "
                                                       : "nothing belongs here: ";
        return wrong(kind + word + (near.empty() ? "" : "; did you mean " + near + "?"));
    }

    answer wrong(const std::string& what) {
        const std::string name = chosen() == nullptr ? "postern" : "postern " + chosen()->get_name();
        return {EX_USAGE, name + ": " + what + "\nTry: " + name + " --help\n"};
    }

    CLI::App app_;
    std::map<std::string, CLI::App*, std::less<>> verbs_;
    bool version_ = false;
    std::string config_file_;
    sidecar flags_;
    bool no_files_ = false;
    std::string admin_;
    std::string watch_;
    bool json_ = false;
    std::string demo_listen_ = "127.0.0.1:8443";
    std::string format_ = "md";
};

}  // namespace

std::variant<command, answer> parse(const std::vector<std::string>& arguments) { return grammar().read(arguments); }

}  // namespace postern::cli
