#!/bin/sh
# MSBuild looks for an SDK before it builds anything, so that this example, unlike the others, needs the packages first.
cd "$(dirname "$0")" && rm -rf packages && dotnet pack ../../build/packages.slnf --configuration Release --output packages &&
dotnet build
