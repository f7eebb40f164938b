//! Writes the manual pages and the shell completions into `generated/`, where
//! the bundles take them from. They come from the same description of the
//! command line that the program itself reads its arguments with.
#![allow(clippy::disallowed_methods)] // A build writes files.

use std::path::Path;

use clap_complete::Shell;

#[path = "src/exit_codes.rs"]
#[allow(dead_code)] // The build prints them all at once.
mod exit_codes;
#[path = "src/interface.rs"]
#[allow(dead_code)] // The build needs the description alone.
mod interface;
#[path = "../adapters/src/translations.rs"]
mod translations;

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=src/interface.rs");
    println!("cargo:rerun-if-changed=src/exit_codes.rs");
    println!("cargo:rerun-if-changed=../adapters/src/translations.rs");
    println!("cargo:rerun-if-changed=../../../ui/locales");
    let folder = Path::new("generated");
    let completions = folder.join("completions");
    std::fs::create_dir_all(&completions)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        let mut command = interface::command(&translations::Translations::of("en"));
        clap_complete::generate_to(shell, &mut command, interface::NAME, &completions)?;
    }
    for language in translations::LANGUAGES {
        let manual = folder.join("man").join(language);
        std::fs::create_dir_all(&manual)?;
        clap_mangen::generate_to(interface::command(&translations::Translations::of(language)), &manual)?;
        for file in std::fs::read_dir(manual)? {
            let file = file?.path();
            let english = std::fs::read_to_string(&file)?;
            std::fs::write(&file, with_titles_in(language, &english))?;
        }
    }
    Ok(())
}

/// A manual page with the titles of its sections in its language: the generator knows English alone.
fn with_titles_in(language: &str, page: &str) -> String {
    let titles = [
        ("NAME", "NOME", "NOMBRE"),
        ("SYNOPSIS", "SINOPSE", "SINOPSIS"),
        ("DESCRIPTION", "DESCRIÇÃO", "DESCRIPCIÓN"),
        ("OPTIONS", "OPÇÕES", "OPCIONES"),
        ("SUBCOMMANDS", "COMANDOS", "COMANDOS"),
        ("VERSION", "VERSÃO", "VERSIÓN"),
    ];
    let title_of = |line: &str| {
        let (_, portuguese, spanish) =
            titles.into_iter().find(|(english, ..)| line == format!(".SH {english}"))?;
        match language {
            "pt-BR" => Some(format!(".SH {portuguese}")),
            "es" => Some(format!(".SH {spanish}")),
            _ => None,
        }
    };
    page.lines().map(|line| title_of(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}
